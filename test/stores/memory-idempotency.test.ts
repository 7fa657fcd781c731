import t from 'tap'
import { createMemoryIdempotency } from '../../lib/stores/memory-idempotency.js'
import { createManualClock } from '../support/manual-clock.js'

const sealed = (size: number): { bytes: Uint8Array } => ({ bytes: new Uint8Array(size) })

const setUp = (limits = {}) => {
  const clock = createManualClock()
  const options = { clock, limitEntries: 3, limitBytes: 100_000, ...limits }
  return { clock, store: createMemoryIdempotency(options) }
}

type Store = ReturnType<typeof setUp>['store']

const claim = async (store: Store, key: string, ttlMs = 1_000): Promise<string> => {
  const claimed = await store.claim(key, 'f', ttlMs)
  return 'claimId' in claimed ? claimed.claimId : 'held'
}

t.test('idempotency: one of many claims wins, and the others see its fingerprint', async (t) => {
  const { store } = setUp()
  const claims = await Promise.all(
    Array.from({ length: 50 }, (_, i) => store.claim('k', `f${i}`, 1_000)),
  )
  t.equal(claims.filter((claimed) => 'claimId' in claimed).length, 1)
  t.same(claims[49], { heldBy: { fingerprint: 'f0' } })
})

t.test('idempotency: a settled answer is found until it expires', async (t) => {
  const { store, clock } = setUp()
  await store.settle('k', await claim(store, 'k'), sealed(4), 1_000)
  clock.advance(999)
  t.match(await store.claim('k', 'other', 1_000), {
    heldBy: { fingerprint: 'f', answer: { bytes: Uint8Array } },
  })
  clock.advance(1)
  t.not(await claim(store, 'k'), 'held')
})

t.test('idempotency: who holds an expired claim can neither settle nor release', async (t) => {
  const { store, clock } = setUp()
  const late = await claim(store, 'k')
  t.equal(await claim(store, 'k'), 'held')
  clock.advance(1_000)
  const present = await claim(store, 'k')
  t.not(present, 'held', 'an expired claim is taken over')
  await store.settle('k', late, sealed(4), 1_000)
  await store.release('k', late)
  t.same(await store.claim('k', 'f', 1_000), { heldBy: { fingerprint: 'f' } })
  await store.release('k', present)
  t.not(await claim(store, 'k'), 'held', 'who holds it can')
})

t.test(
  'idempotency: expired answers go first, then the oldest, a claim in flight never',
  async (t) => {
    const { store, clock } = setUp()
    await store.settle('old', await claim(store, 'old'), sealed(4), 10_000)
    await store.settle('brief', await claim(store, 'brief'), sealed(4), 100)
    const running = await claim(store, 'running', 60_000)
    clock.advance(100)
    await claim(store, 'a', 60_000) // in the place of an answer
    await claim(store, 'b', 60_000)
    t.equal(await claim(store, 'running'), 'held')
    await t.rejects(store.claim('c', 'f', 1_000), { code: 'overloaded' })
    await store.settle('running', running, sealed(4), 10_000)
    t.match(await store.claim('running', 'f', 1), { heldBy: { answer: {} } })
  },
)

t.test('idempotency: expired claims make room', async (t) => {
  const { store, clock } = setUp()
  for (const key of ['a', 'b', 'c']) await claim(store, key)
  await t.rejects(store.claim('d', 'f', 1_000), { code: 'overloaded' })
  clock.advance(1_000)
  t.not(await claim(store, 'd'), 'held')
})

t.test(
  'idempotency: bytes are bounded, and an answer larger than all the room is not kept',
  async (t) => {
    const { store } = setUp({ limitEntries: 100, limitBytes: 2_000 })
    for (const key of ['a', 'b', 'c'])
      await store.settle(key, await claim(store, key), sealed(600), 1_000)
    const held = await Promise.all(['b', 'c', 'a'].map((key) => claim(store, key)))
    t.same(held.slice(0, 2), ['held', 'held'])
    t.not(held[2], 'held', 'the oldest made room')
    await store.settle('d', await claim(store, 'd'), sealed(2_000), 1_000)
    t.not(await claim(store, 'd'), 'held')
  },
)
