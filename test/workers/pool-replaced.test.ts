// All workers of a pool are replaced.
import t from 'tap'
import { comeUp, failToStart, type FakeWorker } from '../support/fake-workers.js'
import { IDLE_MS, poolScene, slotsOf } from '../support/pools.js'
import { until } from '../support/until.js'

t.test('all are replaced one after another, each once a new one is up', async (t) => {
  const { pool, all, told, untilTold } = poolScene(t, 2, comeUp, comeUp, () => {}, comeUp)
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
  const { pool, all, told, untilTold } = poolScene(t, 2)
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
  const { pool, all, told, untilTold } = poolScene(t, 2, comeUp, comeUp, failToStart)
  await pool.start()
  await untilTold('worker_started', 2)
  await pool.replaceAll(2)
  t.match(told('worker_start_failed'), [{ worker: 1, cause: 'taken' }])
  t.same(told('workers_replaced'), [])
  t.same([all[0]?.closingMs, all[1]?.closingMs], [undefined, undefined])
  await until('it has ended', () => pool.workers.size === 2)
})

t.test('one that ends while it is replaced is not replaced twice', async (t) => {
  const { pool, all, untilTold } = poolScene(t, 1, comeUp, () => {}, comeUp)
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
  const { pool, all, untilTold, told, clock } = poolScene(
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

t.test('one on its way is ended with all others', async (t) => {
  const { pool, all, untilTold, told } = poolScene(t, 2, comeUp, comeUp, () => {})
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
  const { pool, all, untilTold } = poolScene(t, 2, comeUp, comeUp, () => {}, comeUp)
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

t.test('one that has just been put where another ended is replaced like all', async (t) => {
  const { pool, all, untilTold } = poolScene(t, 1, comeUp, () => {}, comeUp)
  await pool.start()
  all[0]?.end('SIGKILL')
  await until('a new one is there', () => all[1]?.place !== undefined)
  const replaced = pool.replaceAll(1)
  comeUp(all[1] as FakeWorker)
  await replaced
  await untilTold('worker_started', 3)
  t.equal(all[1]?.closingMs, IDLE_MS)
  t.equal(pool.workers.size, 1)
})

t.test('who is to stop while an old one ends replaces no other', async (t) => {
  const { pool, all, told, untilTold } = poolScene(t, 2)
  await pool.start()
  await untilTold('worker_started', 2)
  const [first] = all as [FakeWorker]
  first.isStubborn = true
  const replaced = pool.replaceAll(2)
  await until('it is to end', () => first.closingMs === IDLE_MS)
  const stopped = pool.stop()
  first.end('exit status 0')
  await Promise.all([replaced, stopped])
  t.equal(all.length, 3)
  t.same(told('workers_replaced'), [])
})
