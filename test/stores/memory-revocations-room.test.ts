// Where users whose tokens are revoked fill the room.
import t from 'tap'
import { localRevocations, START_MS, token } from '../support/local-revocations.js'

t.test('users have room of their own', async (t) => {
  const { store } = localRevocations(2)
  for (const id of ['a', 'b']) await store.revokeToken(token(id))
  for (const id of ['user_ada', 'user_bob']) await store.revokeUser(id, START_MS, Infinity)
  await t.rejects(store.revokeUser('user_eve', START_MS, Infinity), { code: 'overloaded' })
  await store.revokeUser('user_ada', START_MS + 1, Infinity)
  t.equal(store.revokedUntilMs('user_ada'), START_MS + 1)
})

t.test('where users fill the room, the first gives way once own tokens are as old', async (t) => {
  const { store, clock } = localRevocations(2)
  await store.revokeUser('user_ada', START_MS, Infinity)
  clock.advance(1_000)
  await store.revokeUser('user_bob', START_MS + 1_000, Infinity)
  clock.advance(86_398_000)
  await t.rejects(store.revokeUser('user_eve', START_MS, Infinity), { code: 'overloaded' })
  clock.advance(1_000)
  await store.revokeUser('user_eve', clock.now(), Infinity)
  const [old, fresh] = [token('a'), token('b', { issuedAtMs: START_MS + 1 })]
  t.equal(store.isRevoked(old), true, 'of the one that gave way')
  t.equal(store.isRevoked({ ...old, userId: 'user_carl' }), true, 'and of all who are as old')
  t.equal(store.isRevoked(fresh), false)
  t.equal(store.isRevoked({ ...fresh, userId: 'user_bob' }), true)
  t.equal(store.revokedUntilMs('user_carl'), START_MS)
})

t.test('what is learnt has room always: the first gives way at once, and it is told', async (t) => {
  const { store } = localRevocations(2)
  const told: unknown[] = []
  for (const [i, id] of ['user_ada', 'user_bob'].entries())
    await store.learnUser(id, START_MS + i, Infinity)
  store.follow((revocation) => told.push([revocation, store.isRevoked(token('z'))]))
  await t.rejects(store.revokeUser('user_eve', START_MS, Infinity), { code: 'overloaded' })
  await t.rejects(store.reserve('user_eve', Infinity), { code: 'overloaded' })
  const eve = { userId: 'user_eve', issuedUntilMs: START_MS + 5 }
  await store.learnUser(eve.userId, eve.issuedUntilMs, Infinity)
  t.same(told, [
    [{ allUntilMs: START_MS }, true],
    [eve, true],
  ])
  for (const [userId, ms] of [
    ['user_ada', 0],
    ['user_bob', 1],
    ['user_carl', 0],
    ['user_eve', 5],
  ] as const) {
    t.equal(store.isRevoked(token('z', { userId, issuedAtMs: START_MS + ms })), true, userId)
    t.equal(store.isRevoked(token('z', { userId, issuedAtMs: START_MS + ms + 1 })), false, userId)
  }
  await store.learnUser('user_ada', START_MS, Infinity)
  t.equal(store.isRevoked(token('z', { userId: 'user_bob', issuedAtMs: START_MS + 1 })), true)
  t.equal(told.length, 2, 'what all have in common takes no room')
})

t.test('where a reservation gives way, nothing is revoked by it', async (t) => {
  const { store } = localRevocations(1)
  await store.reserve('user_ada', Infinity)
  await store.learnUser('user_bob', START_MS, Infinity)
  t.equal(store.isRevoked(token('a', { issuedAtMs: 0 })), false)
})
