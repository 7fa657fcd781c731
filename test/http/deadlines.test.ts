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
