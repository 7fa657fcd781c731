import { IncomingMessage } from 'node:http'
import { createGathered, type Gathered } from './gathered.js'

/**
 * A request whose body is kept as what it counts: of chunks of a byte each node would hold two hundred
 * times that, an object for each, as long as nobody reads. Small pieces that come meanwhile are one.
 */
export class GatheringMessage extends IncomingMessage {
  #held: Gathered | undefined

  override push(piece: unknown, encoding?: BufferEncoding): boolean {
    const isKept = this.#held !== undefined || this.readableLength > 0
    if (isKept && Buffer.isBuffer(piece) && piece.length < SMALL_BYTES) {
      this.#held ??= createGathered()
      this.#held.add(piece)
      return this.readableLength + this.#held.bytes < this.readableHighWaterMark
    }
    this.#release()
    return super.push(piece, encoding)
  }

  override read(bytes?: number): unknown {
    this.#release()
    return super.read(bytes)
  }

  #release(): void {
    const held = this.#held
    if (!held) return
    this.#held = undefined
    super.push(held.content())
  }
}

const SMALL_BYTES = 1_024
