/** Gets what a source gives. */
export interface Taker {
  /** A piece; the bytes of a source that says so are good for the time of the call alone. */
  take(chunk: Buffer): void
  /** That was all for now, though not the end. */
  rest?(): void
  /** There is no more. */
  end(): void
}

/** What gives bytes, once it has a taker, until it is paused. */
export interface Source {
  start(taker: Taker): void
  /** Gives nothing more. */
  stop(): void
  pause(): void
  resume(): void
}

/** What takes bytes: a writable stream, or as one. */
export interface Sink {
  readonly writableLength: number
  write(chunk: Buffer, taken?: () => void): boolean
  on(event: 'drain', act: () => void): unknown
  off(event: 'drain', act: () => void): unknown
}

export interface PumpEvents {
  /** Gives what is written of each chunk. Default: all of it. */
  pass?(chunk: Buffer): Buffer
  /** The side that takes is waited for from now on, or is no more. */
  turned?(isBlocked: boolean): void
  /** Bytes moved on either side. */
  moved(): void
  /** All that is here was taken, and it is not the end. */
  rested?(): void
  /** The last byte was read; called once, and `to` is not ended. */
  ended(): void
}

/** Moves bytes as fast as the slower side takes them. Errors and premature ends are the caller's. */
export class Pump implements Taker {
  readonly #from: Source
  readonly #to: Sink
  readonly #events: PumpEvents
  #isBlocked = false
  #smallOnes = 0
  #isStopped = false
  #drain: (() => void) | undefined

  constructor(from: Source, to: Sink, events: PumpEvents) {
    this.#from = from
    this.#to = to
    this.#events = events
    from.start(this)
  }

  /** Whether the side that takes is the one that is waited for. */
  get isBlocked(): boolean {
    return this.#isBlocked
  }

  stop(): void {
    this.#isStopped = true
    this.#from.stop()
    if (this.#drain) this.#to.off('drain', this.#drain)
  }

  take(chunk: Buffer): void {
    const events = this.#events
    this.#isBlocked = !this.#write(events.pass ? events.pass(chunk) : chunk)
    if (this.#isBlocked) {
      this.#from.pause()
      // Most are never blocked, and need not listen.
      if (!this.#drain) this.#to.on('drain', (this.#drain = () => this.#unblock()))
      events.turned?.(true)
    }
    events.moved()
  }

  rest(): void {
    this.#events.rested?.()
  }

  end(): void {
    this.#events.ended()
  }

  #unblock(): void {
    if (!this.#isBlocked || this.#isStopped) return
    this.#isBlocked = false
    this.#smallOnes = 0
    this.#from.resume()
    this.#events.turned?.(false)
    this.#events.moved()
  }

  #write(piece: Buffer): boolean {
    if (!this.#isTooMany(piece)) return this.#to.write(piece)
    this.#to.write(piece, () => this.#unblock())
    return false
  }

  // Each write waits as an object of its own, which is far more than a byte or two. While many do, the
  // source is not read, and what it sends meanwhile is gathered.
  #isTooMany(piece: Buffer): boolean {
    if (this.#to.writableLength === 0) this.#smallOnes = 0
    return piece.length < SMALL_BYTES && ++this.#smallOnes >= MOST_SMALL_ONES
  }
}

const SMALL_BYTES = 1_024
const MOST_SMALL_ONES = 64
