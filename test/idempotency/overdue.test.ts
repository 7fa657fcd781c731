import t from 'tap'
import { createOverdue } from '../../lib/idempotency/overdue.js'
import { createManualClock } from '../support/manual-clock.js'
import { until } from '../support/until.js'

const LIMIT_MS = 10_000

t.test('what fails is tried until it succeeds, and holds up nothing else', async (t) => {
  const clock = createManualClock()
  clock.hurry(t)
  const overdue = createOverdue(clock)
  const told: string[] = []
  let failures = 0
  overdue.add(async () => {
    if (++failures < 3) throw new Error('there is no room')
    told.push('first')
  }, LIMIT_MS)
  overdue.add(async () => void told.push('second'), LIMIT_MS)
  await until('both are told', () => told.length === 2)
  t.same(told, ['second', 'first'])
  overdue.add(async () => void told.push('third'), LIMIT_MS)
  await until('what comes later is told', () => told.length === 3)
})

t.test('what is too old is not told any more', async (t) => {
  const clock = createManualClock()
  clock.hurry(t)
  const overdue = createOverdue(clock)
  let tries = 0
  overdue.add(async () => {
    tries++
    throw new Error('it is away')
  }, LIMIT_MS)
  await until('it rests', () => tries > 0 && clock.sleepers === 0)
  t.ok(tries <= LIMIT_MS / 250)
})

t.test('where a thousand wait, what comes is forgotten', async (t) => {
  const clock = createManualClock()
  const overdue = createOverdue(clock)
  let told = 0
  for (let i = 0; i < 1_001; i++) overdue.add(async () => void told++, LIMIT_MS)
  clock.advance(250)
  await until('it rests', () => told >= 1_000)
  await new Promise((resolve) => void setImmediate(resolve))
  t.equal(told, 1_000)
})
