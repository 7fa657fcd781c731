import t from 'tap'
import { createBackOff } from '../../lib/workers/back-off.js'

t.test('at once the first time, then ever later, until one has lived for a minute', (t) => {
  const backOff = createBackOff()
  const nextMs = (livedMs: number): number => backOff.nextMs(livedMs)
  const waits = Array.from({ length: 8 }, () => nextMs(59_999))
  t.same(waits, [0, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000])
  t.same([nextMs(60_000), nextMs(0)], [0, 1_000])
  t.end()
})
