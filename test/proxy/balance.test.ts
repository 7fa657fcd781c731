// The parts of the choice among targets, each alone.
import t from 'tap'
import { createBalance } from '../../lib/proxy/balancer.js'
import { createEjection } from '../../lib/proxy/ejection.js'
import { createReplayMemory } from '../../lib/proxy/kept-body.js'
import { createRetryBudget } from '../../lib/proxy/retry-budget.js'
import { createManualClock } from '../support/manual-clock.js'

/** Numbers from 0 to 1, the same in each run (a linear congruential generator). */
const createRandom = (): (() => number) => {
  let state = 1
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647
}

t.test('two are drawn by weight, and the less loaded for its weight is taken', (t) => {
  const balance = createBalance(createRandom())
  const one = { weight: 1, inFlight: 0 }
  const three = { weight: 3, inFlight: 0 }
  t.equal(balance([one]), one)
  let count = 0
  for (let i = 0; i < 10_000; i++) if (balance([one, three]) === one) count++
  t.ok(Math.abs(count / 10_000 - 1 / 4) < 0.02, `${count} of 10000`)
  three.inFlight = 3
  one.inFlight = 2
  for (let i = 0; i < 100; i++) t.equal(balance([one, three]), three)
  one.inFlight = 0
  for (let i = 0; i < 100; i++) t.equal(balance([one, three]), one)
  const many = Array.from({ length: 10 }, (_, i) => ({ weight: 1, inFlight: i, taken: 0 }))
  for (let i = 0; i < 10_000; i++) balance(many).taken++
  t.equal(many[9]?.taken, 0, 'the most loaded never')
  t.ok((many[0]?.taken ?? 0) > 1_500, 'the least loaded most often, but not always')
  t.ok((many[0]?.taken ?? 0) < 2_500)
  t.end()
})

t.test('a draw ends even where rounding would miss the last', (t) => {
  const balance = createBalance(() => 1 - Number.EPSILON)
  const row = [0.1, 0.2, 0.3].map((weight) => ({ weight, inFlight: 0 }))
  t.ok(row.includes(balance(row) as never))
  t.equal(createBalance(() => 1)(row), row[2])
  t.end()
})

t.test('the budget is a share of the requests, with a little to begin with', (t) => {
  const budget = createRetryBudget(20)
  const spend = (): number => {
    let spent = 0
    while (budget.spend()) spent++
    return spent
  }
  t.equal(spend(), 10)
  for (let i = 0; i < 101; i++) budget.earn()
  t.equal(spend(), 20)
  for (let i = 0; i < 10_000; i++) budget.earn()
  t.equal(spend(), 100, 'not more is saved up')
  t.equal(createRetryBudget(0).spend(), false)
  t.end()
})

t.test('the time out doubles up to a bound, and begins anew after as long in health', (t) => {
  const clock = createManualClock()
  const ejection = createEjection(clock, 3, {
    failures: 2,
    baseMs: 1_000,
    longestMs: 4_000,
    maxPercent: 100,
  })
  const times: number[] = []
  const record = ejection.createRecord((forMs) => times.push(forMs))
  record.failed()
  record.succeeded()
  record.failed()
  t.equal(record.isOut(), false, 'not in a row')
  record.failed()
  t.equal(record.isOut(), true)
  record.failed()
  t.same(times, [1_000], 'what was in flight does not count twice')
  for (let i = 0; i < 3; i++) {
    clock.advance(times.at(-1) as number)
    t.equal(record.isOut(), false)
    t.equal(record.begin(), true, 'its trial')
    t.same([record.begin(), record.isOut()], [false, true], 'of which there is one')
    record.failed()
  }
  t.same(times, [1_000, 2_000, 4_000, 4_000])
  clock.advance(4_000)
  t.equal(record.begin(), true)
  record.abandonTrial()
  t.equal(record.begin(), true, 'one that came to nothing makes way for another')
  record.succeeded()
  t.same([record.isOut(), record.begin()], [false, false])
  record.failed()
  record.failed()
  t.equal(times.at(-1), 4_000, 'it was not well for long')
  clock.advance(8_000)
  record.succeeded()
  record.failed()
  record.failed()
  t.equal(times.at(-1), 1_000)
  t.end()
})

t.test('no more than the share of targets is out', (t) => {
  for (const [count, maxPercent, most] of [
    [3, 67, 2],
    [3, 50, 1],
    [2, 67, 1],
    [1, 100, 0],
    [4, 100, 3],
    [10, 67, 6],
    [3, 0, 0],
  ] as const) {
    const options = { failures: 1, baseMs: 1_000, longestMs: 1_000, maxPercent }
    const ejection = createEjection(createManualClock(), count, options)
    const records = Array.from({ length: count }, () => ejection.createRecord(() => {}))
    for (const record of records) record.failed()
    t.equal(records.filter((one) => one.isEjected()).length, most, `${most} of ${count}`)
  }
  t.end()
})

t.test('one that only the cap spares is avoided for a while at a time', (t) => {
  const clock = createManualClock()
  const options = { failures: 2, baseMs: 1_000, longestMs: 30_000, maxPercent: 67 }
  const ejection = createEjection(clock, 2, options)
  const [first, second] = [ejection.createRecord(() => {}), ejection.createRecord(() => {})]
  for (const record of [first, second, first, second]) record.failed()
  t.same([first.isEjected(), second.isEjected()], [true, false])
  t.equal(second.isOut(), true)
  t.same([first.didWell(), second.didWell()], [false, false])
  first.succeeded()
  t.equal(first.isOut(), true, 'an answer that was under way does not end it')
  t.equal(first.didWell(), true)
  second.succeeded()
  t.equal(second.isOut(), false)
  second.failed()
  second.failed()
  clock.advance(1_000)
  t.same([second.isOut(), second.begin()], [false, true], 'and it has its chance again')
  t.end()
})

t.test('kept bodies have a bound each, and one together', (t) => {
  const memory = createReplayMemory(10, 15)
  const first = memory.open(true)
  first.add(Buffer.from('abcdef'))
  first.add(Buffer.from('ghij'))
  t.match(first, { isComplete: true, bytes: 10 })
  t.equal(first.content.toString(), 'abcdefghij')
  const second = memory.open(true)
  second.add(Buffer.alloc(5))
  t.match(second, { isComplete: false, bytes: 5 }, 'there is no room for it')
  t.equal(second.content.length, 0)
  t.equal(memory.bytes, 10)
  first.add(Buffer.alloc(1))
  t.match(first, { isComplete: false, bytes: 11 })
  t.equal(memory.bytes, 0)
  const third = memory.open(false)
  t.equal(third.isComplete, true, 'of nothing, nothing is missing')
  third.add(Buffer.alloc(1))
  t.match(third, { isComplete: false, bytes: 1 })
  const fourth = memory.open(true)
  fourth.add(Buffer.alloc(3))
  fourth.drop()
  fourth.drop()
  fourth.add(Buffer.alloc(3))
  t.equal(memory.bytes, 0)
  t.end()
})

t.test('a body that comes byte by byte is kept as one piece, and counted as what it holds', (t) => {
  const memory = createReplayMemory(65_536, 131_072)
  const body = memory.open(true)
  for (let i = 0; i < 50_000; i++) body.add(Buffer.of(i % 251))
  t.equal(body.content.length, 50_000)
  t.ok(body.content.every((byte, i) => byte === i % 251))
  t.equal(memory.bytes, 65_536)
  t.ok(body.content.buffer.byteLength <= 65_536)
  body.drop()
  t.equal(memory.bytes, 0)
  t.equal(body.content.length, 0)
  t.end()
})
