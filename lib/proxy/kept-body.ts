/** The part of a request body that came so far, kept as long as it may have to be sent again. */
export interface KeptBody {
  /** How much came, whether it is kept or not. */
  readonly bytes: number
  /** What is kept of it: all, or nothing. */
  readonly content: Buffer
  /** Whether all that came is kept. */
  readonly isComplete: boolean
  add(chunk: Buffer): void
  /** Keeps all that came, which is `pieces`, if it was not kept and there is room. */
  restore(pieces: readonly Buffer[]): void
  /** What is kept was written again: what was only restored is not kept any longer. */
  rewritten(): void
  /** Keeps nothing from now on. */
  drop(): void
}

const doNothing = (): void => {}

/** Of a request without a body. */
export const NO_BODY: KeptBody = {
  bytes: 0,
  content: Buffer.alloc(0),
  isComplete: true,
  add: doNothing,
  restore: doNothing,
  rewritten: doNothing,
  drop: doNothing,
}

/** What all kept bodies of a gateway may hold together. */
export interface ReplayMemory {
  /** The body of a request that may be sent twice is kept from its beginning. */
  open(isRepeatable: boolean): KeptBody
  /** What is held now, in bytes. */
  readonly bytes: number
}

/** Keeps at most `limitBytes` of one body, and of all together at most `limitTotalBytes`. */
export const createReplayMemory = (limitBytes: number, limitTotalBytes: number): ReplayMemory => {
  let totalBytes = 0
  const room: Room = {
    limitBytes,
    take: (bytes) => {
      if (totalBytes + bytes > limitTotalBytes) return false
      totalBytes += bytes
      return true
    },
    give: (bytes) => void (totalBytes -= bytes),
  }
  return {
    open: (isRepeatable) => new Kept(room, isRepeatable),
    get bytes() {
      return totalBytes
    },
  }
}

/** What one body shares with the others. */
interface Room {
  readonly limitBytes: number
  /** Whether there was so much left, which is taken then. */
  take(bytes: number): boolean
  give(bytes: number): void
}

class Kept implements KeptBody {
  bytes = 0
  readonly #room: Room
  // One buffer that grows: a list of chunks of a byte each would hold many times what it counts.
  #held = NO_BODY.content
  readonly #isRepeatable: boolean
  #isKeeping: boolean

  constructor(room: Room, isRepeatable: boolean) {
    this.#room = room
    this.#isRepeatable = isRepeatable
    this.#isKeeping = isRepeatable
  }

  get content(): Buffer {
    return this.#isKeeping ? this.#held.subarray(0, this.bytes) : NO_BODY.content
  }

  get isComplete(): boolean {
    return this.#isKeeping || this.bytes === 0
  }

  add(chunk: Buffer): void {
    const at = this.bytes
    this.bytes += chunk.length
    if (!this.#isKeeping) return
    if (this.#grow()) chunk.copy(this.#held, at)
    else this.drop()
  }

  restore(pieces: readonly Buffer[]): void {
    if (this.isComplete) return
    this.#isKeeping = this.#grow()
    let end = 0
    if (this.#isKeeping) for (const piece of pieces) end += piece.copy(this.#held, end)
  }

  rewritten(): void {
    if (!this.#isRepeatable) this.drop()
  }

  drop(): void {
    this.#isKeeping = false
    this.#room.give(this.#held.length)
    this.#held = NO_BODY.content
  }

  #grow(): boolean {
    const held = this.#held
    if (this.bytes <= held.length) return true
    const { limitBytes } = this.#room
    const size = Math.min(Math.max(this.bytes, 2 * held.length, LEAST_BYTES), limitBytes)
    if (this.bytes > limitBytes || !this.#room.take(size - held.length)) return false
    this.#held = Buffer.concat([held], size)
    return true
  }
}

const LEAST_BYTES = 1_024
