import t from 'tap'
import { createMemoryThrottle } from '../../lib/stores/memory-throttle.js'
import { heapBytes } from '../support/heap.js'
import { createManualClock } from '../support/manual-clock.js'

const WINDOW_MS = 60_000

t.test('throttle: a window begins with an attempt, and ends for all that come after', async (t) => {
  const clock = createManualClock()
  const store = createMemoryThrottle({ clock, limitKeys: 10 })
  t.same(await store.count('k', WINDOW_MS), { count: 1, resetMs: WINDOW_MS })
  clock.advance(WINDOW_MS - 1)
  t.same(await store.count('k', WINDOW_MS), { count: 2, resetMs: 1 })
  clock.advance(1)
  t.same(await store.count('k', WINDOW_MS), { count: 1, resetMs: WINDOW_MS })
})

t.test('throttle: where there is no room, none is forgotten, and others share', async (t) => {
  const clock = createManualClock()
  const store = createMemoryThrottle({ clock, limitKeys: 2, sharedCounts: 1 })
  for (const key of ['a', 'b']) t.match(await store.count(key, WINDOW_MS), { count: 1 })
  clock.advance(1_000)
  t.match(await store.count('c', WINDOW_MS), { count: 1 })
  t.match(await store.count('d', WINDOW_MS), { count: 2 })
  t.match(await store.count('a', WINDOW_MS), { count: 2 })
  clock.advance(WINDOW_MS - 1_000)
  t.match(await store.count('c', WINDOW_MS), { count: 1 }, 'there is room again')
  t.match(await store.count('b', WINDOW_MS), { count: 1 })
  t.match(await store.count('d', WINDOW_MS), { count: 3 }, 'its shared count runs on')
  clock.advance(1_000)
  t.match(await store.count('d', WINDOW_MS), { count: 1 })
})

t.test('throttle: 300,000 keys take no more room than so many', async (t) => {
  const clock = createManualClock()
  const store = createMemoryThrottle({ clock, limitKeys: 10_000 })
  const countMany = async (name: string, times: number): Promise<void> => {
    for (let i = 0; i < times; i++) await store.count(`${name} ${i}`, WINDOW_MS)
  }
  await countMany('first', 20_000)
  const before = heapBytes()
  await countMany('late', 300_000)
  t.ok(heapBytes() - before < 4_000_000)
  t.match(await store.count('first 0', WINDOW_MS), { count: 2 }, 'the first is not forgotten')
  t.ok((await store.count('another', WINDOW_MS)).count > 10, 'who comes late is refused')
})
