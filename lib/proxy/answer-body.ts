import type { ServerResponse } from 'node:http'
import { flushHead } from '../http/flush-head.js'
import type { Sink } from './pump.js'

/**
 * The body of an answer on its way to the client. A small one that is here already goes out in one write
 * with its head, which costs half of two; nothing waits for what is not here.
 */
export class AnswerBody implements Sink {
  readonly #response: ServerResponse
  #first: Buffer | undefined
  #isHolding = true

  constructor(response: ServerResponse) {
    this.#response = response
    process.nextTick(flush, this)
  }

  get writableLength(): number {
    return this.#response.writableLength
  }

  on(event: 'drain', act: () => void): void {
    this.#response.on(event, act)
  }

  off(event: 'drain', act: () => void): void {
    this.#response.off(event, act)
  }

  write(piece: Buffer, taken?: () => void): boolean {
    if (this.#isHolding && !this.#first && piece.length <= SMALL_BYTES) {
      this.#first = piece
      return true
    }
    this.flush()
    return this.#response.write(piece, taken)
  }

  /** Holds nothing back any more. */
  flush(): void {
    if (!this.#isHolding) return
    this.#isHolding = false
    if (this.#first) this.#response.write(this.#first)
    else if (!this.#response.writableEnded) flushHead(this.#response)
    this.#first = undefined
  }

  end(): void {
    const first = this.#isHolding ? this.#first : undefined
    this.#isHolding = false
    // As a string node writes it with the head; a buffer it would hand to the system beside that.
    if (first) this.#response.end(first.toString('latin1'), 'latin1')
    else this.#response.end()
  }
}

const flush = (body: AnswerBody): void => body.flush()

const SMALL_BYTES = 16_384
