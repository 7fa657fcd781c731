import t from 'tap'
import { comeUp, failToStart } from '../support/fake-workers.js'
import { poolScene, slotsOf } from '../support/pools.js'
import { until } from '../support/until.js'

t.test('so many are started, and all are told to end', async (t) => {
  const { pool, all, told, untilTold } = poolScene(t, 3)
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
  const { pool, all, told } = poolScene(t, 3, failToStart)
  await t.rejects(pool.start(), { name: 'WorkerFailed' })
  t.equal(all.length, 1)
  t.equal(told('worker_start_failed').length, 0, 'whoever has started it says so')
})

t.test('one that ends is replaced at once, then ever later, and others stay', async (t) => {
  const { pool, all, clock, told, untilTold } = poolScene(t, 2)
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
  const { pool, all, clock, told, untilTold } = poolScene(t, 2, ...starts)
  await pool.start()
  await untilTold('worker_restarting', 1)
  t.match(told('worker_start_failed'), [{ worker: 2, cause: 'taken' }, { worker: 2 }])
  clock.advance(1_000)
  await untilTold('worker_started', 2)
  t.same(slotsOf(all), [1, 2, 2, 2])
})

t.test('who is to be started again is not any more once all are to end', async (t) => {
  const { pool, all, clock, untilTold, told } = poolScene(t, 2)
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
