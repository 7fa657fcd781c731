import type { ServerResponse } from 'node:http'
import type { Departures } from '../http/departures.js'
import { flushHead } from '../http/flush-head.js'
import type { Exchange } from '../http/exchange.js'
import { WholeAnswer } from '../http/whole-answer.js'
import type { PieceBuffers } from './piece-buffers.js'
import type { Sink } from './pump.js'

/**
 * The body of an answer on its way to the client. A small one that is here already goes out in one write
 * with its head, which costs half of two. The pieces that it is given are copied.
 */
export class AnswerBody implements Sink {
  readonly #response: ServerResponse
  readonly #departures: Departures
  /** As Latin-1: as a string node writes it with the head. */
  #first: string | undefined
  #isHolding = true
  readonly #buffers: PieceBuffers

  constructor(
    { response, departures }: Pick<Exchange, 'response' | 'departures'>,
    buffers: PieceBuffers,
  ) {
    this.#response = response
    this.#departures = departures
    this.#buffers = buffers
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
    if (this.#isHolding && this.#first === undefined && piece.length <= SMALL_BYTES) {
      this.#first = piece.toString('latin1')
      return true
    }
    this.flush()
    if (piece.length <= SMALL_BYTES) return this.#response.write(Buffer.from(piece), taken)
    const copy = this.#buffers.copy(piece)
    return this.#response.write(copy, (error) => {
      if (!error) this.#buffers.giveBack(copy)
      taken?.()
    })
  }

  /** Holds nothing back any more, as the rest is not here. */
  flush(): void {
    if (!this.#isHolding) return
    this.#isHolding = false
    if (this.#first !== undefined) this.#response.write(this.#first, 'latin1')
    else if (!this.#response.writableEnded) flushHead(this.#response)
    this.#first = undefined
  }

  /** Ends it; one that is here whole goes out with others. */
  end(): void {
    if (this.#isHolding) this.#departures.add(new WholeAnswer(this.#response, this.#first))
    else this.#response.end()
    this.#isHolding = false
  }
}

const SMALL_BYTES = 16_384
