import { createDeadlines } from '../../lib/http/deadlines.js'
import type { ManualClock } from './manual-clock.js'
import { until } from './until.js'

/** Moves the clock, and waits until all that is due by it has happened. */
export const pass = async (clock: ManualClock, seconds: number): Promise<void> => {
  clock.advance(1_000 * seconds)
  const deadlines = createDeadlines(clock)
  let ticks = 0
  const tick = (): void => void (++ticks < TICKS && deadlines.start(0, tick))
  deadlines.start(0, tick)
  await until('all is over', () => ticks === TICKS)
}

/** Moves the clock when all that sleep by it do, and waits until they sleep again. */
export const wake = async (clock: ManualClock, ms: number, sleepers: number): Promise<void> => {
  await until('they sleep', () => clock.sleepers === sleepers)
  clock.advance(ms)
  await until('they sleep again', () => clock.sleepers === sleepers)
}

// In the first tick of one wheel another may not have had its own.
const TICKS = 2
