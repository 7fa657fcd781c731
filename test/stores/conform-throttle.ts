import type { Test } from 'tap'
import type { Engine } from '../../lib/stores/engine.js'
import { until } from '../support/until.js'
import { HOSTILE, type Open } from './conform-samples.js'

const LONG_MS = 60_000

export const conformThrottle = async (t: Test, open: Open): Promise<void> => {
  await t.test('of 200 attempts under one key each has a count of its own', async (t) => {
    const engines = await open(t)
    const attempts = await Promise.all(
      Array.from({ length: 200 }, (_, i) =>
        (engines[i % 2] as Engine).throttle.count('k', LONG_MS),
      ),
    )
    const counts = attempts.map(({ count }) => count).toSorted((a, b) => a - b)
    t.same(
      counts,
      Array.from({ length: 200 }, (_, i) => i + 1),
    )
    for (const { resetMs } of attempts)
      if (!(resetMs > 0 && resetMs <= LONG_MS)) t.fail(`a window of ${resetMs} ms`)
  })

  await t.test('each key has a count of its own, whatever it holds', async (t) => {
    const [one, other] = await open(t)
    for (const key of [...HOSTILE, 'a', 'A', '\ud800', '\udc00', 'a\0', '~'.repeat(255)]) {
      t.match(await one.throttle.count(key, LONG_MS), { count: 1 }, key)
      t.match(await other.throttle.count(key, LONG_MS), { count: 2 }, key)
    }
  })

  await t.test(
    'a window ends by the clock of the engine, and attempts do not prolong it',
    async (t) => {
      const [one, other] = await open(t)
      const first = await one.throttle.count('brief', 300)
      let last = await other.throttle.count('brief', 300)
      t.match([first.count, last.count], [1, 2])
      t.ok(last.resetMs <= first.resetMs)
      await until('the window is over', async () => {
        const next = await other.throttle.count('brief', 300)
        const isOver = next.count === 1
        if (!isOver && next.resetMs > last.resetMs) t.fail('the window was prolonged')
        last = next
        return isOver
      })
      t.match(await one.throttle.count('brief', 300), { count: 2 })
    },
  )

  await t.test('a window that ends too late is begun anew', async (t) => {
    const [one, other] = await open(t)
    await one.throttle.count('k', 10 * LONG_MS)
    const { count, resetMs } = await other.throttle.count('k', LONG_MS)
    t.equal(count, 1)
    t.ok(resetMs <= LONG_MS)
  })
}
