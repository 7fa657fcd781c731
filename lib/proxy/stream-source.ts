import type { Readable } from 'node:stream'
import type { Source, Taker } from './pump.js'

/** A readable stream as what a pump reads from. */
export class StreamSource implements Source {
  readonly #stream: Readable
  #taker: Taker | undefined

  constructor(stream: Readable) {
    this.#stream = stream
  }

  start(taker: Taker): void {
    this.#taker = taker
    this.#stream.on('data', this.#take).once('end', this.#end)
  }

  stop(): void {
    this.#taker = undefined
    this.#stream.off('data', this.#take).off('end', this.#end)
  }

  pause(): void {
    this.#stream.pause()
  }

  resume(): void {
    this.#stream.resume()
  }

  readonly #take = (chunk: Buffer): void => this.#taker?.take(chunk)
  readonly #end = (): void => this.#taker?.end()
}
