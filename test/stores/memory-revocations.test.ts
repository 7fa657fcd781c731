import t from 'tap'
import { createTokenId } from '../../lib/jwt/token-id.js'
import { createMemoryRevocations } from '../../lib/stores/memory-revocations.js'
import { heapBytes } from '../support/heap.js'
import { createManualClock, START_SECONDS } from '../support/manual-clock.js'
import { localRevocations, START_MS, token } from '../support/local-revocations.js'

t.test('a token is revoked once, and no other with it', async (t) => {
  const { store } = localRevocations()
  const revoked = await Promise.all([1, 2, 3].map(() => store.revokeToken(token('a'))))
  t.same(revoked, [true, false, false])
  t.equal(store.isRevoked(token('a')), true)
  t.equal(store.isRevoked(token('b')), false)
  t.equal(store.isRevoked(token('__proto__')), false)
})

t.test('a clock that jumps ahead and back makes no revoked token good again', async (t) => {
  const clock = createManualClock()
  let aheadMs = 0
  const jumping = { ...clock, now: () => clock.now() + aheadMs }
  const store = createMemoryRevocations({ clock: jumping, limitEntries: 9, ownLifeSeconds: 86_400 })
  await store.revokeToken(token('a'))
  await store.learnUser('user_bob', START_MS, START_SECONDS + 60)
  aheadMs = 3_600_000
  for (const userId of ['user_eve', 'user_mallory']) {
    await store.revokeToken(token(`of ${userId}`, { userId, expSeconds: START_SECONDS + 9_999 }))
    await store.learnUser(userId, START_MS, START_SECONDS + 9_999)
  }
  aheadMs = 0
  t.ok(store.isRevoked(token('a')))
  t.ok(store.isRevoked(token('b', { userId: 'user_bob' })))
})

t.test('tokens of a user are revoked up to a moment, that one included', async (t) => {
  const { store } = localRevocations()
  t.equal(store.revokedUntilMs('user_ada'), 0)
  t.equal(store.isRevoked(token('a', { issuedAtMs: 0 })), false)
  await store.revokeUser('user_ada', START_MS, START_SECONDS + 60)
  t.equal(store.isRevoked(token('a', { issuedAtMs: 0 })), true, 'of unknown age')
  t.equal(store.isRevoked(token('a')), true)
  t.equal(await store.revokeToken(token('a')), false)
  t.equal(store.isRevoked(token('a', { issuedAtMs: START_MS + 1 })), false)
  t.equal(store.isRevoked(token('a', { userId: 'user_bob' })), false)
  await store.revokeUser('user_ada', START_MS - 5, START_SECONDS + 60)
  t.equal(store.revokedUntilMs('user_ada'), START_MS + 1, 'always one more than before')
  t.equal(await store.issueMs('user_ada'), START_MS + 2, 'a new one is issued behind it')
  t.equal(await store.issueMs('user_bob'), START_MS)
})

t.test('what would have expired makes room, little by little', async (t) => {
  const { store, clock } = localRevocations(4)
  for (const id of ['a', 'b', 'c', 'd']) t.equal(await store.revokeToken(token(id)), true)
  await store.learnUser('user_ada', START_MS - 1, START_SECONDS + 60)
  // Five minutes longer, should the clock be set back.
  clock.advance(359_000)
  await t.rejects(store.revokeToken(token('e')), { code: 'overloaded' })
  t.equal(store.isRevoked(token('a')), true)
  clock.advance(1_000)
  const later = { expSeconds: START_SECONDS + 720 }
  for (const id of ['e', 'f', 'g', 'h'])
    t.equal(await store.revokeToken(token(id, later)), true, id)
  await t.rejects(store.revokeToken(token('i', later)), { code: 'overloaded' })
  await store.revokeUser('user_bob', START_MS, START_SECONDS + 720)
  t.equal(store.revokedUntilMs('user_ada'), 0)
})

t.test('who is reserved room for has nothing revoked by it', async (t) => {
  const { store } = localRevocations(1)
  await store.reserve('user_ada', START_SECONDS + 60)
  t.equal(store.isRevoked(token('a', { issuedAtMs: 0 })), false)
  await store.revokeUser('user_ada', START_MS, Infinity)
  await store.reserve('user_ada', START_SECONDS)
  t.equal(store.revokedUntilMs('user_ada'), START_MS)
  t.equal(store.isCurrent(), true)
})

t.test('time that passed before a revocation came counts', async (t) => {
  const { store, clock } = localRevocations()
  clock.advance(5)
  await store.revokeUser('user_ada', START_MS, Infinity)
  t.equal(store.revokedUntilMs('user_ada'), START_MS + 5)
})

t.test('what is learnt of a user is that very moment, and never less nor shorter', async (t) => {
  const { store, clock } = localRevocations()
  const told: unknown[] = []
  store.follow((revocation) => told.push(revocation))
  const learn = (untilMs: number, keepUntilSeconds: number): Promise<void> =>
    store.learnUser('user_ada', START_MS + untilMs, START_SECONDS + keepUntilSeconds)
  await learn(-5, 600)
  t.equal(store.revokedUntilMs('user_ada'), START_MS - 5, 'not the present')
  await learn(-5, 60)
  await learn(-7, 60)
  await learn(-3, 60)
  t.equal(store.revokedUntilMs('user_ada'), START_MS - 3)
  t.same(
    told,
    [-5, -3].map((ms) => ({ userId: 'user_ada', issuedUntilMs: START_MS + ms })),
  )
  await learn(-4, 1_200)
  const sweep = async (): Promise<void> => {
    for (const id of ['user_bob', 'user_carl']) await store.revokeUser(id, 0, Infinity)
  }
  clock.advance(1_499_000)
  await sweep()
  t.equal(store.revokedUntilMs('user_ada'), START_MS - 3, 'as long as any of them said')
  clock.advance(1_000)
  await sweep()
  t.equal(store.revokedUntilMs('user_ada'), 0)
})

t.test('who revokes in a loop uses up a small share of the room, until it expires', async (t) => {
  const { store, clock } = localRevocations(1_000_000)
  const revoke = (i: number, userId: string, expSeconds = START_SECONDS + 60): Promise<boolean> =>
    store.revokeToken(token(`${userId} ${i}`, { userId, expSeconds }))
  for (let i = 0; i < 1_000; i++) await revoke(i, 'user_eve')
  await t.rejects(revoke(1_000, 'user_eve'), { code: 'overloaded' })
  t.equal(await revoke(0, 'user_ada'), true)
  clock.advance(360_000)
  t.equal(await revoke(1_000, 'user_eve', START_SECONDS + 720), true)
})

t.test('an expiry in the year 9999 harms no other', async (t) => {
  const { store } = localRevocations()
  await store.revokeToken(token('a', { expSeconds: 253_402_300_799 }))
  await store.revokeToken(token('b'))
  await store.revokeToken(token('c'))
  t.equal(store.isRevoked(token('a')), true)
})

t.test('each revocation is told, once it is known here', async (t) => {
  const { store } = localRevocations()
  const told: unknown[] = []
  store.follow((revocation) => told.push([revocation, store.isRevoked(token('a'))]))
  await store.revokeToken(token('a'))
  await store.revokeToken(token('a'))
  await store.revokeUser('user_ada', START_MS, Infinity)
  t.same(told, [
    [{ userId: 'user_ada', tokenId: 'a' }, true],
    [{ userId: 'user_ada', issuedUntilMs: START_MS }, true],
  ])
})

t.test('100,000 revoked tokens need less than 20 MB', async (t) => {
  const clock = createManualClock()
  const store = createMemoryRevocations({
    clock,
    limitEntries: 1_000_000,
    ownLifeSeconds: 86_400,
  })
  const beforeBytes = heapBytes()
  for (let i = 0; i < 100_000; i++)
    await store.revokeToken(token(createTokenId(START_MS + i), { userId: `user ${i}` }))
  const bytes = heapBytes() - beforeBytes
  t.ok(bytes < 20e6 && bytes > 1e6, `${bytes} bytes`)
  t.equal(store.isRevoked(token('another')), false)
})
