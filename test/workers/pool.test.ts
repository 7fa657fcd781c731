import t, { type Test } from 'tap'
import type { LogEvent } from '../../lib/log.js'
import { createPool } from '../../lib/workers/pool.js'
import { createWorker } from '../../lib/workers/worker.js'
import { comeUp, createFakeForks, failToStart, type FakeWorker } from '../support/fake-workers.js'
import { createManualClock } from '../support/manual-clock.js'
import { until } from '../support/until.js'

const IDLE_MS = 2_000

const scene = (t: Test, count: number, ...starts: Parameters<typeof createFakeForks>) => {
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

const slotsOf = (all: readonly FakeWorker[]): unknown[] => all.map(({ place }) => place?.slot)

t.test('so many are started, and all are told to end', async (t) => {
  const { pool, all, told, untilTold } = scene(t, 3)
  t.same(await pool.start(), { port: 8080, admin: 8081 })
  await untilTold('worker_started', 3)
  t.same(slotsOf(all), [1, 2, 3])
  t.match(told('worker_started')[0], { worker: 1, processId: 1_000 })
  await pool.stop()
  t.ok(all.every(({ closingMs }) => closingMs === 0))
  t.equal(pool.workers.size, 0)
  t.equal(told('worker_ended').length, 0, 'they were told to')
})

t.test('where the first does not come up, none is started', async (t) => {
  const { pool, all, told } = scene(t, 3, failToStart)
  await t.rejects(pool.start(), { name: 'WorkerFailed' })
  t.equal(all.length, 1)
  t.equal(told('worker_start_failed').length, 0, 'whoever has started it says so')
})

t.test('one that ends is replaced at once, then ever later, and others stay', async (t) => {
  const { pool, all, clock, told, untilTold } = scene(t, 2)
  await pool.start()
  await untilTold('worker_started', 2)
  all[0]?.end('SIGKILL')
  await untilTold('worker_started', 3)
  t.match(told('worker_ended'), [{ worker: 1, cause: 'SIGKILL' }])
  for (const [i, inMs] of [1_000, 2_000, 4_000].entries()) {
    all.at(-1)?.end('exit status 1')
    await untilTold('worker_restarting', i + 1)
    t.match(told('worker_restarting').at(-1), { worker: 1, inMs })
    const { length } = all
    clock.advance(inMs - 1)
    await new Promise(setImmediate)
    t.equal(all.length, length)
    clock.advance(1)
    await untilTold('worker_started', i + 4)
  }
  clock.advance(60_000)
  all.at(-1)?.end('SIGKILL')
  await untilTold('worker_started', 7)
  t.equal(told('worker_restarting').length, 3, 'it had lived for a minute')
  t.equal(pool.lostCount, 5)
  t.equal(all.filter(({ place }) => place?.slot === 2).length, 1)
})

t.test('one that cannot be replaced is tried again', async (t) => {
  const starts = [comeUp, failToStart, failToStart, comeUp]
  const { pool, all, clock, told, untilTold } = scene(t, 2, ...starts)
  await pool.start()
  await untilTold('worker_restarting', 1)
  t.match(told('worker_start_failed'), [{ worker: 2, cause: 'taken' }, { worker: 2 }])
  clock.advance(1_000)
  await untilTold('worker_started', 2)
  t.same(slotsOf(all), [1, 2, 2, 2])
})

t.test('all are replaced one after another, each once a new one is up', async (t) => {
  const { pool, all, told, untilTold } = scene(t, 2, comeUp, comeUp, () => {}, comeUp)
  await pool.start()
  await untilTold('worker_started', 2)
  const replaced = pool.replaceAll(2)
  await until('a new one is there', () => all[2]?.place !== undefined)
  t.equal(pool.workers.size, 3)
  t.equal(all[0]?.closingMs, undefined, 'it serves still')
  comeUp(all[2] as FakeWorker)
  await replaced
  t.same(slotsOf(all), [1, 2, 1, 2])
  t.same(
    all.map(({ closingMs }) => closingMs),
    [IDLE_MS, IDLE_MS, undefined, undefined],
  )
  t.equal(pool.workers.size, 2)
  t.match(told('workers_replaced'), [{ workers: 2 }])
  t.equal(pool.lostCount, 0)
})

t.test('whoever asks while all are replaced has it done once more, and not at once', async (t) => {
  const { pool, all, told, untilTold } = scene(t, 2)
  await pool.start()
  await untilTold('worker_started', 2)
  let most = 0
  const watch = setInterval(() => (most = Math.max(most, pool.workers.size)), 0)
  await Promise.all([pool.replaceAll(2), pool.replaceAll(2), pool.replaceAll(2)])
  clearInterval(watch)
  t.equal(told('workers_replaced').length, 2)
  t.equal(all.length, 6)
  t.ok(most <= 3, `${most} at once`)
})

t.test('where a new one does not come up, the old ones stay', async (t) => {
  const { pool, all, told, untilTold } = scene(t, 2, comeUp, comeUp, failToStart)
  await pool.start()
  await untilTold('worker_started', 2)
  await pool.replaceAll(2)
  t.match(told('worker_start_failed'), [{ worker: 1, cause: 'taken' }])
  t.same(told('workers_replaced'), [])
  t.same([all[0]?.closingMs, all[1]?.closingMs], [undefined, undefined])
  await until('it has ended', () => pool.workers.size === 2)
})

t.test('one that ends while it is replaced is not replaced twice', async (t) => {
  const { pool, all, untilTold } = scene(t, 1, comeUp, () => {}, comeUp)
  await pool.start()
  const replaced = pool.replaceAll(1)
  await until('a new one is there', () => all[1]?.place !== undefined)
  all[0]?.end('SIGKILL')
  await untilTold('worker_ended', 1)
  comeUp(all[1] as FakeWorker)
  await replaced
  t.equal(all.length, 2)
  t.equal(pool.workers.size, 1)
})

t.test('there can be more of them, or fewer', async (t) => {
  const { pool, all, untilTold, told, clock } = scene(
    t,
    1,
    comeUp,
    comeUp,
    comeUp,
    failToStart,
    failToStart,
    comeUp,
  )
  await pool.start()
  await pool.replaceAll(3)
  await untilTold('worker_restarting', 1)
  clock.advance(1_000)
  await untilTold('worker_started', 4)
  t.same(slotsOf(all), [1, 1, 2, 3, 3, 3])
  await pool.replaceAll(1)
  t.equal(pool.workers.size, 1)
  t.same(
    [...pool.workers].map(({ slot }) => slot),
    [1],
  )
  t.equal(told('worker_ended').length, 0)
})

t.test('who is to be started again is not any more once all are to end', async (t) => {
  const { pool, all, clock, untilTold, told } = scene(t, 2)
  await pool.start()
  await untilTold('worker_started', 2)
  for (let i = 0; i < 2; i++) {
    all.at(-1)?.end('SIGKILL')
    await until('it is told', () => told('worker_ended').length === i + 1)
    if (i === 0) await untilTold('worker_started', 3)
  }
  await untilTold('worker_restarting', 1)
  await pool.stop()
  clock.advance(1_000)
  await new Promise(setImmediate)
  t.equal(all.length, 3)
})

t.test('one on its way is ended with all others', async (t) => {
  const { pool, all, untilTold, told } = scene(t, 2, comeUp, comeUp, () => {})
  await pool.start()
  await untilTold('worker_started', 2)
  const replaced = pool.replaceAll(2)
  await until('a new one is there', () => all[2]?.place !== undefined)
  await pool.stop()
  await replaced
  t.equal(all[2]?.closingMs, 0)
  t.equal(all.length, 3)
  t.same(told('worker_start_failed'), [], 'it was told to end')
})

t.test('one that comes up where none is wanted any more is ended', async (t) => {
  const { pool, all, untilTold } = scene(t, 2, comeUp, comeUp, () => {}, comeUp)
  await pool.start()
  await untilTold('worker_started', 2)
  all[1]?.end('SIGKILL')
  await until('a new one is there', () => all[2]?.place !== undefined)
  await pool.replaceAll(1)
  comeUp(all[2] as FakeWorker)
  await until('it has ended', () => pool.workers.size === 1)
  t.equal(all[2]?.closingMs, 0)
  t.equal(all.length, 4)
})
