import type { Test } from 'tap'
import type { LogEvent } from '../../lib/log.js'
import { createPool } from '../../lib/workers/pool.js'
import { createWorker } from '../../lib/workers/worker.js'
import { createFakeForks, type FakeWorker } from './fake-workers.js'
import { createManualClock } from './manual-clock.js'
import { until } from './until.js'

/** How long one that is replaced leaves idle connections alone. */
export const IDLE_MS = 2_000

/** A pool of workers in this process, on a manual clock. */
export const poolScene = (
  t: Test,
  count: number,
  ...starts: Parameters<typeof createFakeForks>
) => {
  const clock = createManualClock()
  const forks = createFakeForks(...starts)
  const events: LogEvent[] = []
  const pool = createPool({
    count,
    fork: (slot) =>
      createWorker({
        process: forks.fork().process,
        slot,
        place: () => ({ slot, count, stopgaps: [], ports: { port: 0, admin: 0 } }),
        verbs: new Map(),
        onNote: () => {},
        clock,
        startMs: 10_000_000,
        closeMs: 10_000,
      }),
    clock,
    log: (event) => void events.push(event),
    idleMs: IDLE_MS,
  })
  t.teardown(() => pool.stop())
  const told = (name: LogEvent['event']): LogEvent[] => events.filter(({ event }) => event === name)
  const untilTold = (name: LogEvent['event'], times: number): Promise<void> =>
    until(`${name} ${times}`, () => told(name).length >= times)
  return { clock, pool, all: forks.all, told, untilTold }
}

/** Which place each has got. */
export const slotsOf = (all: readonly FakeWorker[]): unknown[] =>
  all.map(({ place }) => place?.slot)
