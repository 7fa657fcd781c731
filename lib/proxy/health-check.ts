import { request } from 'node:http'
import type { Clock } from '../clock.js'
import type { Log } from '../log.js'
import type { Deadlines } from '../http/deadlines.js'
import type { Target } from './target.js'

export interface HealthCheckOptions {
  /** Between the end of one check and the next, in milliseconds. */
  intervalMs: number
  /** How long one may take, in milliseconds. */
  timeoutMs: number
  /** How many must pass in a row before a target that is down gets requests again. */
  healthyAfter: number
  /** How many must fail in a row before a target gets no more. */
  unhealthyAfter: number
}

export interface HealthCheckParts {
  clock: Clock
  log: Log
  deadlines: Deadlines
}

/**
 * Asks a target again and again with `GET path`; 200 to 399 in time passes. A target works until it
 * has failed. Gives what stops it.
 */
export const startHealthCheck = (
  target: Target,
  path: string,
  { intervalMs, timeoutMs, healthyAfter, unhealthyAfter }: HealthCheckOptions,
  { clock, log, deadlines }: HealthCheckParts,
): (() => void) => {
  let isStopped = false
  let abort: (() => void) | undefined
  let inARow = 0

  const probe = (): Promise<boolean> =>
    new Promise((resolve) => {
      const finish = (isPassed: boolean): void => {
        deadline.clear()
        outbound.destroy()
        resolve(isPassed)
      }
      const outbound = request({
        agent: target.freshAgent,
        protocol: target.protocol,
        path: target.basePath + path,
        headers: { Host: target.authority, 'User-Agent': 'passport-gateway', Connection: 'close' },
      })
      const deadline = deadlines.start(timeoutMs, () => finish(false))
      abort = () => finish(false)
      outbound.maxHeadersCount = 0
      outbound
        .once('response', ({ statusCode = 0 }) => finish(statusCode >= 200 && statusCode < 400))
        .on('error', () => finish(false))
        .once('upgrade', (_response, socket) => {
          socket.destroy()
          finish(false)
        })
        .end()
    })

  const judge = (isPassed: boolean): void => {
    if (isPassed === !target.isDown) {
      inARow = 0
      return
    }
    inARow++
    if (inARow < (isPassed ? healthyAfter : unhealthyAfter)) return
    inARow = 0
    target.isDown = !isPassed
    log({ event: isPassed ? 'target_up' : 'target_down', target: target.name })
  }

  const run = async (): Promise<void> => {
    while (!isStopped) {
      const isPassed = await probe().catch(() => false) // a request that cannot even be made
      if (isStopped) return
      judge(isPassed)
      await clock.sleep(intervalMs)
    }
  }

  void run()
  return () => {
    isStopped = true
    abort?.()
  }
}
