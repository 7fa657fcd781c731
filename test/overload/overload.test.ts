import t from 'tap'
import type { LogEvent } from '../../lib/index.js'
import { createGauge } from '../../lib/overload/gauge.js'
import { createLoopDelay, smooth } from '../../lib/overload/loop-delay.js'
import { residentBytes, usableBytes } from '../../lib/overload/memory.js'
import { createOverload, SAMPLE_MS, type Resource } from '../../lib/overload/overload.js'
import { createManualClock } from '../support/manual-clock.js'
import { wake } from '../support/ticks.js'
import { until } from '../support/until.js'

t.test('a level begins at once, and ends only when it is well below its limit for a while', (t) => {
  const rows: Array<[string, number[], number]> = [
    ['room', [0, 9], 0],
    ['the soft limit is reached', [10], 1],
    ['the hard limit is reached', [20], 2],
    ['a little below is not below', [10, 9.1, 9.1, 9.1, 9.1, 9.1], 1],
    ['three samples are not enough', [10, 8, 8, 8], 1],
    ['four are', [10, 8, 8, 8, 8], 0],
    ['four in a row', [10, 8, 8, 8, 9.5, 8, 8, 8], 1],
    ['from hard to soft', [25, 15, 15, 15, 15], 1],
    ['from hard it does not fall at its limit', [25, 18, 18, 18, 18, 18], 2],
    ['from hard to room', [25, 0, 0, 0, 0], 0],
    ['and it begins again at its limit alone', [10, 8, 8, 8, 8, 9.5], 0],
  ]
  for (const [name, values, level] of rows) {
    const gauge = createGauge({ softLimit: 10, hardLimit: 20 })
    for (const value of values) gauge.take(value)
    t.equal(gauge.level, level, name)
  }
  t.end()
})

t.test('samples are taken by the clock, and each level that began is told to end', async (t) => {
  const clock = createManualClock()
  const events: LogEvent[] = []
  const values = { memory: 0, requests: 0 }
  let relieved = 0
  const resources: Resource[] = [
    {
      name: 'memory',
      softLimit: 10,
      hardLimit: 20,
      measure: () => values.memory,
      relieve: () => relieved++,
    },
    { name: 'requests', softLimit: 1, hardLimit: 2, measure: () => values.requests },
  ]
  const overload = createOverload({ resources, clock, log: (event) => void events.push(event) })
  const sample = (): Promise<void> => wake(clock, SAMPLE_MS, 1)
  overload.start()
  await sample()
  t.match(overload, { isCalm: true, isHard: false })
  values.memory = 12.4
  await sample()
  t.match(overload, { isCalm: false, isHard: false })
  t.same((['memory', 'requests', 'connections'] as const).map(overload.levelOf), [1, 0, 0])
  t.equal(relieved, 1)
  values.memory = 0
  values.requests = 3
  await sample()
  t.match(overload, { isCalm: false, isHard: true })
  t.equal(relieved, 2, 'as long as the level lasts')
  values.requests = 0
  for (let i = 0; i < 4; i++) await sample()
  t.match(overload, { isCalm: true, isHard: false })
  t.same(events, [
    { event: 'overload_began', resource: 'memory', limit: 'soft', value: 12 },
    { event: 'overload_began', resource: 'requests', limit: 'soft', value: 3 },
    { event: 'overload_began', resource: 'requests', limit: 'hard', value: 3 },
    { event: 'overload_ended', resource: 'memory', limit: 'soft', value: 0 },
    { event: 'overload_ended', resource: 'requests', limit: 'hard', value: 0 },
    { event: 'overload_ended', resource: 'requests', limit: 'soft', value: 0 },
  ])
  overload.stop()
  clock.advance(SAMPLE_MS)
  await until('no sample is taken any more', () => clock.sleepers === 0)
})

t.test('one stall alone is forgiven, and many are not', (t) => {
  let value = 30_000
  const measure = smooth(() => value, 2_000)
  t.ok(measure() < 1_000)
  value = 0
  for (let i = 0; i < 10; i++) measure()
  t.ok(measure() < 20)
  value = 1_500
  for (let i = 0; i < 5; i++) measure()
  t.ok(measure() > 1_000)
  t.end()
})

t.test('the delay of the event loop is that of the recent past', async (t) => {
  const delay = createLoopDelay(10_000)
  delay.start()
  t.teardown(() => delay.stop())
  const endMs = performance.now() + 400
  while (performance.now() < endMs);
  let busyMs = 0
  await until('it is seen', () => (busyMs = delay.measure()) > 90)
  await until('it is forgotten', () => delay.measure() < busyMs / 2)
})

t.test('what the process may use is the least of what is known', (t) => {
  const rows: Array<[number, number | undefined, number]> = [
    [100, undefined, 100],
    [100, 0, 100],
    [100, 40, 40],
    [100, 2 ** 64, 100],
  ]
  for (const [total, group, expected] of rows) t.equal(usableBytes(total, group), expected)
  t.ok(usableBytes() > residentBytes())
  t.end()
})
