import { setImmediate } from 'node:timers/promises'
import { GatewayError } from '../errors.js'
import { expectBody } from './body.js'
import type { Exchange } from './exchange.js'
import { createGathered } from './gathered.js'

export interface LinesLimits {
  /** The longest line, in bytes; the end of it is not counted. */
  limitBytes: number
  /** How long nothing may arrive while more is waited for, in milliseconds. */
  idleMs: number
}

/** A line without its end; `undefined` in place of one that is too long. Counted from 1. */
export interface Line {
  number: number
  bytes: Buffer | undefined
}

/**
 * The lines of a body of any length, one after another: more is read when they are asked for. They end
 * where the client goes away, and a line that it did not finish is none.
 * @throws GatewayError `request_timeout` when the body stands still
 */
export async function* readLines(
  exchange: Exchange,
  { limitBytes, idleMs }: LinesLimits,
): AsyncGenerator<Line> {
  let number = 1
  let gathered = createGathered()
  let bytes = 0
  const add = (part: Buffer): void => {
    bytes += part.length
    if (bytes > limitBytes)
      gathered = createGathered() // and only the rest is counted
    else gathered.add(part)
  }
  const take = (): Line => {
    const line = { number, bytes: bytes > limitBytes ? undefined : gathered.content() }
    number++
    gathered = createGathered()
    bytes = 0
    return line
  }
  expectBody(exchange)
  for (;;) {
    const chunk = await nextChunk(exchange, idleMs)
    if (chunk === 'gone') return
    if (chunk === 'end') break
    let start = 0
    for (let end = chunk.indexOf(LF); end >= 0; end = chunk.indexOf(LF, start)) {
      add(chunk.subarray(start, end))
      yield take()
      start = end + 1
      // Others have their turn between many short lines that came at once.
      if (number % LINES_IN_A_TURN === 0) await setImmediate()
    }
    add(chunk.subarray(start))
  }
  if (bytes > 0) yield take()
}

const LF = 10
const LINES_IN_A_TURN = 100

const nextChunk = (
  { request, response, deadlines }: Exchange,
  idleMs: number,
): Promise<Buffer | 'end' | 'gone'> =>
  new Promise((resolve, reject) => {
    // They may have been told while a line was dealt with.
    if (response.destroyed) return resolve('gone')
    if (request.readableEnded) return resolve('end')
    const stop = (): void => {
      deadline.clear()
      request.off('data', take).off('end', end)
      response.off('close', gone)
      request.pause()
    }
    const finish = (result: Buffer | 'end' | 'gone'): void => {
      stop()
      resolve(result)
    }
    const take = (chunk: Buffer): void => finish(chunk)
    const end = (): void => finish('end')
    const gone = (): void => finish('gone')
    const deadline = deadlines.start(idleMs, () => {
      stop()
      reject(new GatewayError('request_timeout'))
    })
    request.on('data', take).on('end', end)
    response.on('close', gone)
    request.resume()
  })
