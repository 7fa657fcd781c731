import { EventEmitter } from 'node:events'
import type { AnswerHead } from './answer-head.js'
import type { Connection } from './upstream-connection.js'

interface Events {
  data: [content: Buffer]
  end: []
}

/**
 * The answer of a target. Its body comes as `data` from the moment on at which it is told of, until it is
 * paused, and `end` behind the last of it.
 */
export class UpstreamAnswer extends EventEmitter<Events> {
  readonly statusCode: number
  readonly statusMessage: string
  readonly rawHeaders: readonly string[]
  /** Names and values in turn, once it is whole. */
  rawTrailers: readonly string[] = []
  /** Whether it is whole. */
  complete = false
  isPaused = false
  #connection: Connection | undefined

  constructor(head: AnswerHead, connection: Connection) {
    super()
    this.statusCode = head.statusCode
    this.statusMessage = head.statusMessage
    this.rawHeaders = head.rawHeaders
    this.#connection = connection
  }

  pause(): void {
    this.isPaused = true
    this.#connection?.pause()
  }

  resume(): void {
    this.isPaused = false
    this.#connection?.resume()
  }

  /** The connection is another's now. */
  leave(): void {
    this.#connection = undefined
  }
}
