import type { Clock } from '../clock.js'
import type { Log } from '../log.js'
import type { Deadlines } from '../http/deadlines.js'
import type { Target } from './target.js'
import { UpstreamRequest } from './upstream-request.js'

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

  /** Resolves to why it failed, or `undefined`. */
  const probe = (): Promise<string | undefined> =>
    new Promise((resolve) => {
      const finish = (cause: string | undefined): void => {
        deadline.clear()
        outbound.abandon()
        resolve(cause)
      }
      const outbound = new UpstreamRequest(
        {
          target,
          isFresh: true,
          method: 'GET',
          path: target.basePath + path,
          headers: ['Host', target.authority, 'User-Agent', 'passport-gateway'],
          framing: 'none',
        },
        {
          connected: ignore,
          continued: ignore,
          informed: ignore,
          answered: ({ statusCode }) =>
            finish(statusCode >= 200 && statusCode < 400 ? undefined : `status_${statusCode}`),
          upgraded: (_answer, socket) => {
            socket.destroy()
            finish('unexpected_upgrade')
          },
          failed: finish,
        },
      )
      const deadline = deadlines.start(timeoutMs, () => finish('timeout'))
      abort = () => finish('stopped')
      outbound.begin()
    })

  const judge = (cause: string | undefined): void => {
    const isPassed = cause === undefined
    if (isPassed === !target.isDown) {
      inARow = 0
      return
    }
    inARow++
    if (inARow < (isPassed ? healthyAfter : unhealthyAfter)) return
    inARow = 0
    target.isDown = !isPassed
    const { name } = target
    log(
      isPassed
        ? { event: 'target_up', target: name }
        : { event: 'target_down', target: name, cause },
    )
  }

  const run = async (): Promise<void> => {
    while (!isStopped) {
      const cause = await probe().catch(causeOf) // a request that cannot even be made
      if (isStopped) return
      judge(cause)
      await clock.sleep(intervalMs)
    }
  }

  void run()
  return () => {
    isStopped = true
    abort?.()
  }
}

const ignore = (): void => {}

const causeOf = (error: NodeJS.ErrnoException): string => String(error.code)
