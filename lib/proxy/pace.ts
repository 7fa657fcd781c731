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

/**
 * An account: what moves is paid in, up to a bound, and time in which the client is waited for is paid
 * out. It is looked at when it may be empty, not with each chunk.
 */
export const createPace = (
  { clock, deadlines }: Pick<Exchange, 'clock' | 'deadlines'>,
  { bytesPerSecond, moved, creditBytes, limitCreditBytes, onTooSlow }: PaceOptions,
): Pace => {
  if (bytesPerSecond === 0) return UNHELD
  const graceBytes = GRACE_SECONDS * bytesPerSecond
  let balanceBytes = graceBytes + Math.min(creditBytes, limitCreditBytes)
  let seenBytes = moved()
  let sinceMs: number | undefined
  let deadline: Deadline | undefined

  const settle = (fromMs: number): void => {
    const nowBytes = moved()
    const nowMs = clock.monotonic()
    const dueBytes = (bytesPerSecond * (nowMs - fromMs)) / 1_000
    const paidBytes = nowBytes - seenBytes
    balanceBytes = Math.min(balanceBytes + paidBytes - dueBytes, graceBytes + limitCreditBytes)
    seenBytes = nowBytes
    sinceMs = nowMs
  }

  const look = (): void => {
    deadline = undefined
    if (sinceMs === undefined) return
    settle(sinceMs)
    if (balanceBytes <= 0) onTooSlow()
    else schedule()
  }

  const schedule = (): void => {
    deadline = deadlines.start(Math.max(LEAST_MS, (1_000 * balanceBytes) / bytesPerSecond), look)
  }

  return {
    wait: () => {
      if (sinceMs !== undefined) return
      // What has moved until now is no merit of the time that begins.
      settle(clock.monotonic())
      if (!deadline) schedule()
    },
    rest: () => {
      if (sinceMs === undefined) return
      settle(sinceMs)
      sinceMs = undefined
    },
    stop: () => {
      sinceMs = undefined
      deadline?.clear()
    },
  }
}

const LEAST_MS = 1_000

const doNothing = (): void => {}
const UNHELD: Pace = { wait: doNothing, rest: doNothing, stop: doNothing }
