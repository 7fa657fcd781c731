import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import t from 'tap'
import { createDeadlines } from '../../lib/http/deadlines.js'
import { createManualClock } from '../support/manual-clock.js'
import { until } from '../support/until.js'

const activeTimers = new Set<NodeJS.Timeout>()
const { setInterval: realSetInterval, clearInterval: realClearInterval } = globalThis
globalThis.setInterval = ((...args: Parameters<typeof realSetInterval>) => {
  const timer = realSetInterval(...args)
  activeTimers.add(timer)
  return timer
}) as typeof realSetInterval
globalThis.clearInterval = (timer) => {
  activeTimers.delete(timer as NodeJS.Timeout)
  realClearInterval(timer)
}

t.test('each deadline fires once in its time, and one timer serves them all', async (t) => {
  const clock = createManualClock()
  const deadlines = createDeadlines(clock)
  const fired: string[] = []
  deadlines.start(1_000, () => fired.push('first'))
  const second = deadlines.start(1_000, () => fired.push('second'))
  const third = deadlines.start(1_000, () => fired.push('third'))
  for (let i = 0; i < 1_000; i++) deadlines.start(5_000, () => fired.push('late')).clear()
  t.equal(deadlines.size, 3)
  t.equal(activeTimers.size, 1)
  clock.advance(999)
  second.touch(1_000)
  third.clear()
  clock.advance(1)
  await until('the first', () => fired.length === 1)
  clock.advance(999)
  await until('the second', () => fired.length === 2)
  t.same(fired, ['first', 'second'])
  t.equal(deadlines.size, 0)
  await until('the timer is gone', () => activeTimers.size === 0)
})

t.test('a deadline keeps its time however far, moved later or earlier', async (t) => {
  const clock = createManualClock()
  const deadlines = createDeadlines(clock)
  const fired: string[] = []
  const start = (name: string, ms: number) => deadlines.start(ms, () => fired.push(name))
  start('a day', 86_400_000)
  start('beyond a turn of the wheel', 51_250)
  start('within the tick', 30)
  const later = start('moved later', 200)
  later.touch(90_000)
  const earlier = start('moved earlier', 300_000)
  earlier.touch(1_000)
  const due: Array<[number, string[]]> = [
    [29, []],
    [1, ['within the tick']],
    [969, []],
    [1, ['moved earlier']],
    [50_249, []],
    [1, ['beyond a turn of the wheel']],
    [38_749, []],
    [1, ['moved later']],
    [86_309_999, []],
    [1, ['a day']],
  ]
  for (const [ms, expected] of due) {
    fired.length = 0
    clock.advance(ms)
    const swept = deadlines.start(0, () => fired.push('swept'))
    await until('a sweep', () => fired.includes('swept'))
    t.same(
      fired.filter((name) => name !== 'swept'),
      expected,
      `${ms}`,
    )
    swept.touch(1) // it is over
  }
  t.equal(deadlines.size, 0)
})

t.test('of those due at once, one that another clears does not fire', async (t) => {
  const clock = createManualClock()
  const deadlines = createDeadlines(clock)
  const fired: string[] = []
  const pair = ['one', 'other'].map((name, i) =>
    deadlines.start(100, () => {
      fired.push(name)
      pair[1 - i]?.clear()
    }),
  )
  clock.advance(100)
  await until('one of them', () => fired.length > 0)
  t.equal(deadlines.size, 0)
  t.equal(fired.length, 1)
})

t.test('after a standstill, what has come meanwhile is read before deadlines fire', async (t) => {
  const clock = createManualClock()
  const deadlines = createDeadlines(clock)
  const server = createServer((socket) => void socket.resume()).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => void server.close())
  const order: string[] = []
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  const [accepted] = (await once(server, 'connection')) as [Socket]
  deadlines.start(1_000, () => order.push('deadline'))
  socket.once('data', () => order.push('data'))
  t.teardown(() => void socket.destroy())
  await until('a tick', () => activeTimers.size > 0)
  accepted.write('x', () => {
    clock.advance(1_000)
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 150) // a tick is due at once
  })
  await until('both', () => order.length === 2)
  t.same(order, ['data', 'deadline'])
})
