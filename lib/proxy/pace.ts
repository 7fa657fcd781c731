import type { Exchange } from '../http/exchange.js'
import type { Deadline } from '../http/deadlines.js'

/** Holds a client to a least rate for as long as it is waited for. */
export interface Pace {
  /** From now on it is the client that is waited for. */
  wait(): void
  /** It is not, as long as the other side is the slow one. */
  rest(): void
  stop(): void
}

export interface PaceOptions {
  /** 0 where there is no least rate. */
  bytesPerSecond: number
  /** What the client has moved so far, in bytes. */
  moved: () => number
  /** What it may be behind from the start, in bytes; beside the grace of `GRACE_SECONDS`. */
  creditBytes: number
  /** What it may be behind at most after it was ahead, in bytes; beside the same grace. */
  limitCreditBytes: number
  /** Called once. */
  onTooSlow: () => void
}

/** What a client may be behind, in seconds. */
const GRACE_SECONDS = 5

/** Whoever is not held to a rate may take his time. */
export const createPace = (
  parts: Pick<Exchange, 'clock' | 'deadlines'>,
  options: PaceOptions,
): Pace => (options.bytesPerSecond === 0 ? UNHELD : new Account(parts, options))

/**
 * An account: what moves is paid in, up to a bound, and time in which the client is waited for is paid
 * out. It is looked at when it may be empty, not with each chunk.
 */
class Account implements Pace {
  readonly #clock: Exchange['clock']
  readonly #deadlines: Exchange['deadlines']
  readonly #options: PaceOptions
  readonly #graceBytes: number
  #balanceBytes: number
  #seenBytes: number
  #sinceMs: number | undefined
  #deadline: Deadline | undefined

  constructor({ clock, deadlines }: Pick<Exchange, 'clock' | 'deadlines'>, options: PaceOptions) {
    const { bytesPerSecond, moved, creditBytes, limitCreditBytes } = options
    this.#clock = clock
    this.#deadlines = deadlines
    this.#options = options
    this.#graceBytes = GRACE_SECONDS * bytesPerSecond
    this.#balanceBytes = this.#graceBytes + Math.min(creditBytes, limitCreditBytes)
    this.#seenBytes = moved()
  }

  wait(): void {
    if (this.#sinceMs !== undefined) return
    // What has moved until now is no merit of the time that begins.
    this.#settle(this.#clock.monotonic())
    if (!this.#deadline) this.#schedule()
  }

  rest(): void {
    if (this.#sinceMs === undefined) return
    this.#settle(this.#sinceMs)
    this.#sinceMs = undefined
  }

  stop(): void {
    this.#sinceMs = undefined
    this.#deadline?.clear()
  }

  #settle(fromMs: number): void {
    const { bytesPerSecond, moved, limitCreditBytes } = this.#options
    const nowBytes = moved()
    const nowMs = this.#clock.monotonic()
    const dueBytes = (bytesPerSecond * (nowMs - fromMs)) / 1_000
    const paidBytes = nowBytes - this.#seenBytes
    const mostBytes = this.#graceBytes + limitCreditBytes
    this.#balanceBytes = Math.min(this.#balanceBytes + paidBytes - dueBytes, mostBytes)
    this.#seenBytes = nowBytes
    this.#sinceMs = nowMs
  }

  #look(): void {
    this.#deadline = undefined
    if (this.#sinceMs === undefined) return
    this.#settle(this.#sinceMs)
    if (this.#balanceBytes <= 0) this.#options.onTooSlow()
    else this.#schedule()
  }

  #schedule(): void {
    const ms = (1_000 * this.#balanceBytes) / this.#options.bytesPerSecond
    this.#deadline = this.#deadlines.start(Math.max(LEAST_MS, ms), () => this.#look())
  }
}

const LEAST_MS = 1_000

const doNothing = (): void => {}
const UNHELD: Pace = { wait: doNothing, rest: doNothing, stop: doNothing }
