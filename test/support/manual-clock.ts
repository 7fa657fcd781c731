import type { Test } from 'tap'
import type { Clock } from '../../lib/clock.js'

/** A clock that stands still until a test moves it. */
export interface ManualClock extends Clock {
  advance(ms: number): void
  /** From now on a second passes every 10 ms, until the test ends. */
  hurry(t: Test): void
  /** How many are asleep. */
  readonly sleepers: number
}

/** When a manual clock begins, in Unix seconds. */
export const START_SECONDS = 1_900_000_000

export const createManualClock = (): ManualClock => {
  let nowMs = START_SECONDS * 1000
  let asleep: Array<{ dueMs: number; wake: () => void }> = []
  const clock: ManualClock = {
    now: () => nowMs,
    monotonic: () => nowMs,
    sleep: (ms) => new Promise((wake) => void asleep.push({ dueMs: nowMs + ms, wake })),
    advance: (ms) => {
      nowMs += ms
      const due = asleep.filter(({ dueMs }) => dueMs <= nowMs)
      asleep = asleep.filter(({ dueMs }) => dueMs > nowMs)
      for (const { wake } of due) wake()
    },
    hurry: (t) => {
      const timer = setInterval(() => clock.advance(1_000), 10)
      t.teardown(() => clearInterval(timer))
    },
    get sleepers() {
      return asleep.length
    },
  }
  return clock
}
