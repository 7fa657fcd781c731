import t from 'tap'
import { createReplica } from '../../lib/revocation/replica.js'
import type { RevocableToken } from '../../lib/revocation/revocation-store.js'
import { createMemoryRevocations } from '../../lib/stores/memory-revocations.js'
import { createDatabase } from '../support/database.js'
import { createManualClock, START_SECONDS } from '../support/manual-clock.js'
import { adaToken, createReplicaScene, REPLICA_LIMITS } from '../support/replicas.js'
import { until } from '../support/until.js'

const START_MS = START_SECONDS * 1000

t.test('what one revokes the other knows, and tells those who follow it', async (t) => {
  const { connect } = createReplicaScene()
  const [one, other] = [connect(t), connect(t)]
  await Promise.all([one.start(), other.start()])
  const told: unknown[] = []
  other.follow((revocation) => told.push(revocation))
  t.equal(await one.revokeToken(adaToken('a')), true)
  t.equal(one.isRevoked(adaToken('a')), true, 'here at once')
  await until('it is known there', () => other.isRevoked(adaToken('a')))
  t.equal(await other.revokeToken(adaToken('a')), false)
  await one.revokeUser('user_bob', START_MS, Infinity)
  const old = adaToken('b', { userId: 'user_bob' })
  await until('it is known there', () => other.isRevoked(old))
  t.equal(other.isRevoked({ ...old, issuedAtMs: START_MS + 1 }), false)
  t.same(told, [
    { userId: 'user_ada', tokenId: 'a' },
    { userId: 'user_bob', issuedUntilMs: START_MS },
  ])
  t.equal(await other.issueMs('user_bob'), START_MS + 1)
})

t.test('a token whose id is made when it is asked for is revoked here at once', async (t) => {
  const { connect, database } = createReplicaScene()
  const one = connect(t)
  await one.start()
  database.state.isQuiet = true
  const { tokenId, ...rest } = adaToken('a')
  const lazy = Object.assign(Object.create({ tokenId }) as { tokenId: string }, rest)
  t.equal(await one.revokeToken(lazy), true)
  t.equal(one.isRevoked(lazy), true)
  t.equal(one.isRevoked(adaToken('a')), true)
})

t.test('of two who revoke one token at once one is told that it did', async (t) => {
  const { connect, database } = createReplicaScene()
  const [one, other] = [connect(t), connect(t)]
  await Promise.all([one.start(), other.start()])
  database.state.isQuiet = true
  t.same(await Promise.all([one.revokeToken(adaToken('a')), other.revokeToken(adaToken('a'))]), [
    true,
    false,
  ])
  t.ok(one.isRevoked(adaToken('a')) && other.isRevoked(adaToken('a')), 'and both know at once')
})

t.test('who starts later reads all there is, however much', async (t) => {
  const { connect } = createReplicaScene({ limitEntries: 5_000_000 })
  const one = connect(t)
  await one.start()
  for (let i = 0; i < 2_500; i++) await one.revokeToken(adaToken(`${i}`, { userId: `u${i}` }))
  const other = connect(t)
  t.equal(other.isCurrent(), false)
  t.equal(other.isLate(), true)
  await other.start()
  t.equal(other.isCurrent(), true)
  for (const i of [0, 999, 1_000, 2_499])
    t.equal(other.isRevoked(adaToken(`${i}`, { userId: `u${i}` })), true)
})

t.test('without news it looks twice a second, and catches up after an outage', async (t) => {
  const { connect, database, clock } = createReplicaScene({ limitAgeMs: 2_000 })
  const [one, other] = [connect(t), connect(t)]
  database.state.isQuiet = true
  await Promise.all([one.start(), other.start()])
  await one.revokeToken(adaToken('a'))
  t.equal(other.isRevoked(adaToken('a')), false)
  clock.advance(500)
  await until('it has looked', () => other.isRevoked(adaToken('a')))
  await one.revokeToken(adaToken('b'))
  database.state.isDown = true
  await t.rejects(one.revokeToken(adaToken('c')), { code: 'store_unavailable' })
  await t.rejects(one.issueMs('user_ada'), { code: 'store_unavailable' })
  t.equal(one.isRevoked(adaToken('c')), false, 'what could not be kept is not known')
  for (let i = 0; i < 3; i++) {
    clock.advance(500)
    await new Promise(setImmediate)
  }
  t.equal(other.isCurrent(), true)
  clock.advance(501)
  t.equal(other.isCurrent(), false, 'for too long it could not be asked')
  t.equal(other.isRevoked(adaToken('a')), true, 'what is known holds')
  database.state.isDown = false
  await until('it has caught up', () => {
    clock.advance(100)
    return other.isRevoked(adaToken('b')) && other.isCurrent()
  })
  t.equal(other.isLate(), false)
})

t.test(
  'an engine is told which token is revoked, and nothing else of who came with it',
  async (t) => {
    const clock = createManualClock()
    const { revocations } = createDatabase(clock).connect()
    const told: RevocableToken[] = []
    const log = {
      ...revocations,
      addToken: (added: RevocableToken) => {
        told.push(added)
        return revocations.addToken(added)
      },
    }
    const local = createMemoryRevocations({ clock, limitEntries: 2, ownLifeSeconds: 86_400 })
    const replica = createReplica({ log, local, clock, ...REPLICA_LIMITS })
    const caller = { ...adaToken('a'), key: 'a secret', stamp: () => 'what no thread can be sent' }
    t.equal(await replica.revokeToken(caller), true)
    t.strictSame(told, [adaToken('a')])
  },
)

t.test(
  'a start that fails and is tried again listens once; one that was stopped, never',
  async (t) => {
    const clock = createManualClock()
    const database = createDatabase(clock)
    const { revocations } = database.connect()
    let listeners = 0
    const log = {
      ...revocations,
      read: (position: string | undefined) => revocations.read(position, 9),
      listen: () => void listeners++,
    }
    const local = createMemoryRevocations({ clock, limitEntries: 2, ownLifeSeconds: 86_400 })
    const create = () => createReplica({ log, local, clock, ...REPLICA_LIMITS })
    const replica = create()
    database.state.isDown = true
    for (let i = 0; i < 3; i++) await t.rejects(replica.start(), { code: 'store_unavailable' })
    t.equal(listeners, 0)
    database.state.isDown = false
    await replica.start()
    t.equal(listeners, 1)
    replica.stop()
    const late = create()
    const starting = late.start()
    late.stop()
    await starting
    t.equal(listeners, 1)
  },
)

t.test('a log that cannot be read is said once, and once it can', async (t) => {
  const clock = createManualClock()
  const database = createDatabase(clock)
  const log = database.connect().revocations
  const local = createMemoryRevocations({ clock, limitEntries: 2, ownLifeSeconds: 86_400 })
  const told: boolean[] = []
  const onLate = (isLate: boolean): void => void told.push(isLate)
  const replica = createReplica({ log, local, clock, ...REPLICA_LIMITS, onLate })
  t.teardown(() => replica.stop())
  await replica.start()
  const look = async (times: number): Promise<void> => {
    for (let i = 0; i < times; i++) {
      clock.advance(500)
      await until('it waits again', () => clock.sleepers > 0)
    }
  }
  await look(9)
  t.same([told, replica.isLate()], [[], false])
  database.state.isDown = true
  await look(4)
  t.same([told, replica.isLate()], [[], false])
  await look(9)
  t.same([told, replica.isLate()], [[true], true])
  database.state.isDown = false
  await look(9)
  t.same([told, replica.isLate()], [[true, false], false])
})
