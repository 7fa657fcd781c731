// The parts of the choice among targets, each alone.
import t from 'tap'
import { createLookup, type Resolve } from '../../lib/proxy/addresses.js'
import { createBalance } from '../../lib/proxy/balancer.js'
import { createEjection } from '../../lib/proxy/ejection.js'
import { createReplayMemory } from '../../lib/proxy/kept-body.js'
import { createRetryBudget } from '../../lib/proxy/retry-budget.js'
import { createSlots } from '../../lib/proxy/slots.js'
import { parseTargetUrl } from '../../lib/proxy/target-url.js'
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

t.test('places are given to those who wait, in order, and not to those who left', (t) => {
  const slots = createSlots(2, 3)
  const served: string[] = []
  slots.take()
  t.equal(slots.isFull, false)
  slots.take()
  t.equal(slots.isFull, true)
  const leaves = ['a', 'b', 'c'].map((name) => slots.wait(() => served.push(name)))
  t.equal(
    slots.wait(() => served.push('d')),
    undefined,
    'no more may wait',
  )
  leaves[1]?.()
  slots.release()
  slots.release()
  t.same(served, ['a', 'c'])
  t.equal(slots.taken, 2)
  slots.release()
  slots.release()
  t.equal(slots.taken, 0)
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
    record.failed()
  }
  t.same(times, [1_000, 2_000, 4_000, 4_000])
  clock.advance(4_000)
  record.succeeded()
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
    t.equal(records.filter((one) => one.isOut()).length, most, `${most} of ${count}`)
  }
  t.end()
})

t.test('kept bodies have a bound each, and one together', (t) => {
  const memory = createReplayMemory(10, 15)
  const first = memory.open(true)
  first.add(Buffer.alloc(6))
  first.add(Buffer.alloc(4))
  t.match(first, { isComplete: true, bytes: 10 })
  const second = memory.open(true)
  second.add(Buffer.alloc(5))
  t.equal(memory.bytes, 15)
  second.add(Buffer.alloc(1))
  t.match(second, { isComplete: false, bytes: 6, chunks: [] }, 'there is no room for it')
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

const V4 = { address: '192.0.2.1', family: 4 }
const OTHER_V4 = { address: '192.0.2.2', family: 4 }
const V6 = { address: '2001:db8::1', family: 6 }

t.test('every address of a name has its turn, and the last known serve when it is gone', (t) => {
  let calls = 0
  let answer: Parameters<Parameters<Resolve>[2]> = [null, [V4, V6, OTHER_V4]]
  let release: (() => void) | undefined
  const lookup = createLookup((_hostname, _options, callback) => {
    calls++
    if (release) release = () => callback(...answer)
    else callback(...answer)
  })
  const ask = (options: object = { all: true }): unknown => {
    let result: unknown
    lookup('a.example', options, (error, address, family) => {
      result = error?.code ?? (Array.isArray(address) ? address : [address, family])
    })
    return result
  }
  t.same(ask(), [V4, V6, OTHER_V4])
  t.same(ask(), [V6, OTHER_V4, V4])
  t.same(ask({}), [OTHER_V4.address, 4])
  t.same(ask({ family: 6, all: true }), [V6])
  t.equal(calls, 4, 'each connection looks the name up anew')
  answer = [Object.assign(new Error('gone'), { code: 'EAI_AGAIN' }), []]
  t.equal((ask() as unknown[]).length, 3)
  answer = [null, [V4]]
  t.same(ask(), [V4])
  t.same(ask({ family: 6 }), 'ENOTFOUND')
  release = () => {}
  const results: unknown[] = []
  for (let i = 0; i < 3; i++) lookup('a.example', { all: true }, (_, found) => results.push(found))
  t.equal(calls, 8, 'those that wait at once wait for one answer')
  release()
  t.same(results, [[V4], [V4], [V4]])
  t.end()
})

t.test('a name that never had an address is an error', (t) => {
  for (const [answer, code] of [
    [[Object.assign(new Error('no'), { code: 'ENOTFOUND' }), []], 'ENOTFOUND'],
    [[Object.assign(new Error('no'), { code: 'EAI_AGAIN' }), []], 'EAI_AGAIN'],
    [[null, []], 'ENOTFOUND'],
  ] as Array<[Parameters<Parameters<Resolve>[2]>, string]>) {
    const lookup = createLookup((_hostname, _options, callback) => callback(...answer))
    lookup('a.example', {}, (error) => t.equal(error?.code, code))
  }
  t.end()
})

t.test('the URL of a target is read, or refused without being repeated', (t) => {
  t.same(parseTargetUrl('http://a.example'), {
    isSecure: false,
    connect: { host: 'a.example', port: 80 },
    authority: 'a.example',
    basePath: '',
  })
  t.match(parseTargetUrl('https://a.example/b//'), {
    isSecure: true,
    connect: { port: 443 },
    basePath: '/b',
  })
  t.match(parseTargetUrl('http://[::1]:81'), {
    connect: { host: '::1', port: 81 },
    authority: '[::1]:81',
  })
  t.same(parseTargetUrl('unix:/run/a b.sock'), {
    isSecure: false,
    connect: { socketPath: '/run/a b.sock' },
    authority: 'localhost',
    basePath: '',
  })
  for (const url of [
    '',
    'hunter22',
    'ftp://hunter22',
    'http://hunter22@a',
    'http://:hunter22@a',
    'http://a?hunter22',
    'http://a#hunter22',
    'unix:hunter22',
    'ws://hunter22',
  ])
    t.throws(() => parseTargetUrl(url), { name: 'RangeError', message: /^must be http[^]*socket$/ })
  t.end()
})
