import t from 'tap'
import { createMemoryThrottle } from '../../lib/stores/memory-throttle.js'
import { createThrottle } from '../../lib/throttle/throttle.js'
import { createManualClock } from '../support/manual-clock.js'

const setUp = () => {
  const clock = createManualClock()
  const memory = createMemoryThrottle({ clock, limitKeys: 100_000 })
  const keys: string[] = []
  const store = {
    count: (key: string, windowMs: number) => {
      keys.push(key)
      return memory.count(key, windowMs)
    },
  }
  const limits = { addressAttempts: 3, accountAttempts: 2, windowMs: 60_000 }
  return { clock, keys, throttle: createThrottle({ store, clock, ...limits }) }
}

t.test('there may be so many attempts in a window, and then there is a new one', async (t) => {
  const { clock, throttle } = setUp()
  const attempt = () => throttle.byAddress('login', '192.0.2.1')
  for (let i = 0; i < 3; i++) t.equal(await attempt(), undefined)
  const excess = { policy: 'address', quota: 3, windowMs: 60_000 }
  t.same(await attempt(), { ...excess, resetMs: 60_000 })
  clock.advance(59_999)
  t.same(await attempt(), { ...excess, resetMs: 1 })
  clock.advance(1)
  t.equal(await attempt(), undefined)
})

t.test('each address, account and kind of attempt is counted for itself', async (t) => {
  const { throttle } = setUp()
  for (let i = 0; i < 4; i++) await throttle.byAddress('login', '2001:db8::1')
  t.match(await throttle.byAddress('login', '2001:db8::2'), { policy: 'address' }, 'same network')
  t.equal(await throttle.byAddress('login', '2001:db8:0:1::1'), undefined)
  t.equal(await throttle.byAddress('signup', '2001:db8::1'), undefined)
  t.equal(await throttle.byAccount('login', '2001:db8::1'), undefined)
  for (let i = 0; i < 2; i++) t.equal(await throttle.byAccount('login', 'ada'), undefined)
  t.same(await throttle.byAccount('login', 'ada'), {
    policy: 'account',
    quota: 2,
    windowMs: 60_000,
    resetMs: 60_000,
  })
  t.equal(await throttle.byAccount('login', 'bob'), undefined)
})

t.test(
  'a flood is refused without the store, which is told no address and no e-mail',
  async (t) => {
    const { keys, throttle } = setUp()
    for (let i = 0; i < 100; i++) await throttle.byAccount('login', 'ada@example.com')
    t.equal(keys.length, 3)
    t.match(keys[0], /^login:account:[\w-]{43}$/)
  },
)

t.test('what is known of floods is bounded', async (t) => {
  const { keys, throttle } = setUp()
  for (let i = 0; i < 10_001; i++)
    for (let j = 0; j < 3; j++) await throttle.byAccount('login', `user ${i}`)
  const before = keys.length
  t.match(await throttle.byAccount('login', 'user 10000'), { policy: 'account' })
  t.equal(keys.length, before)
  t.match(await throttle.byAccount('login', 'user 0'), { policy: 'account' }, 'the store knows')
  t.equal(keys.length, before + 1)
})
