import type { AnswerHead } from './answer-head.js'
import type { Source, Taker } from './pump.js'
import type { Connection } from './upstream-connection.js'

/**
 * The answer of a target. Its body comes from the moment on at which it is told of, until it is paused;
 * whoever wants it must have started by then. The bytes are another's as soon as they were handed on.
 */
export class UpstreamAnswer implements Source {
  readonly statusCode: number
  readonly statusMessage: string
  readonly rawHeaders: readonly string[]
  /** Names and values in turn, once it is whole. */
  rawTrailers: readonly string[] = []
  #isPaused = false
  #connection: Connection | undefined
  #taker: Taker | undefined

  constructor(head: AnswerHead, connection: Connection) {
    this.statusCode = head.statusCode
    this.statusMessage = head.statusMessage
    this.rawHeaders = head.rawHeaders
    this.#connection = connection
  }

  start(taker: Taker): void {
    this.#taker = taker
  }

  stop(): void {
    this.#taker = undefined
  }

  pause(): void {
    this.#isPaused = true
    this.#connection?.pause()
  }

  resume(): void {
    this.#isPaused = false
    this.#connection?.resume()
  }

  /** That was all for now. */
  rest(): void {
    this.#taker?.rest?.()
  }

  /** Hands a piece of the body on, good for the time of the call; gives whether more is wanted now. */
  pass(content: Buffer): boolean {
    this.#taker?.take(content)
    return !this.#isPaused
  }

  /** It is whole, and the connection another's from now on. */
  end(trailers: readonly string[]): void {
    this.rawTrailers = trailers
    this.#connection = undefined
    this.#taker?.end()
  }
}
