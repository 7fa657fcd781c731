import { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { createGathered, type Gathered } from './gathered.js'

/**
 * A request whose body is kept as what it counts: of chunks of a byte each node would hold two hundred
 * times that, an object for each, as long as nobody reads. Small pieces that come meanwhile are one.
 *
 * Of a body that there is not, only who asks is told the end: node would read each that nobody has read,
 * in seven turns of its queue, which were a twentieth of a proxied GET.
 */
export class GatheringMessage extends IncomingMessage {
  #held: Gathered | undefined
  /** Whether its body was asked for, or has begun to come. */
  #isBegun = false
  /** Whether its end came before either. */
  #isBare = false
  #taker: BodyTaker | undefined
  /** Whether it was handed to a taker, if only at first. */
  #wasHanded = false
  #isAnswered = false

  /**
   * Hands the body to `taker` as it is parsed, until it is handed back; gives whether it does: it can no
   * longer once any of it has come.
   */
  handTo(taker: BodyTaker): boolean {
    if (this.#isBegun || this.#isBare) return false
    this.#isBegun = true
    this.#wasHanded = true
    this.#taker = taker
    return true
  }

  /** What has not come yet is read as a stream. */
  handBack(): void {
    this.#taker = undefined
  }

  override push(piece: unknown, encoding?: BufferEncoding): boolean {
    if (piece === null && !this.#isBegun) {
      this.#isBare = true
      return false
    }
    this.#isBegun = true
    if (this.#taker) {
      this.#hand(this.#taker, piece as Buffer | null)
      return true // once it is handed back, the stream says when it has enough
    }
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

  override _read(bytes: number): void {
    this.#isBegun = true
    if (this.#isBare) super.push(null)
    else super._read(bytes)
  }

  /** Is called by node behind the answer to a request that nobody has read as a stream. */
  _dump(): void {
    this.#isAnswered = true
    if (this.#isBare) this.#leave()
    else if (!this.#wasHanded) NODES._dump.call(this)
  }

  #hand(taker: BodyTaker, piece: Buffer | null): void {
    if (piece) return taker.take(piece)
    this.#isBare = true
    if (this.#isAnswered) this.#leave()
    taker.end()
  }

  /** All of it was parsed. Until its end is told, node would keep it as long as the connection is idle. */
  #leave(): void {
    const { parser } = this.socket as Socket & { parser?: Parser | null }
    if (parser?.incoming === this) parser.incoming = null
  }

  #release(): void {
    const held = this.#held
    if (!held) return
    this.#held = undefined
    super.push(held.content())
  }
}

/** What gets a body as it is parsed. */
export interface BodyTaker {
  take(piece: Buffer): void
  end(): void
}

interface Dumping {
  _dump(): void
}
interface Parser {
  incoming: IncomingMessage | null
}
const NODES = IncomingMessage.prototype as unknown as Dumping

const SMALL_BYTES = 1_024
