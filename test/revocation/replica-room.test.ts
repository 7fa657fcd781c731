// Where a replica has no room for what it learns.
import t from 'tap'
import { createReplica } from '../../lib/revocation/replica.js'
import { createMemoryRevocations } from '../../lib/stores/memory-revocations.js'
import { createDatabase } from '../support/database.js'
import { createManualClock, START_SECONDS } from '../support/manual-clock.js'
import { adaToken, createReplicaScene, REPLICA_LIMITS } from '../support/replicas.js'
import { until } from '../support/until.js'

const START_MS = START_SECONDS * 1000

t.test('what there is no room for revokes more, never less', async (t) => {
  const { connect } = createReplicaScene({ limitEntries: 2 })
  const one = connect(t)
  await one.start()
  for (const id of ['a', 'b']) await one.revokeToken(adaToken(id))
  await t.rejects(one.revokeToken(adaToken('c')), { code: 'overloaded' })
  await one.reserve('user_ada', START_SECONDS)
  const { database, connect: connectSmall } = createReplicaScene({ limitEntries: 2 })
  const log = database.connect().revocations
  for (const id of ['a', 'b', 'c']) await log.addToken(adaToken(id))
  const other = connectSmall(t)
  await other.start()
  t.equal(other.isRevoked(adaToken('z')), true, 'all of that user')
  t.equal(other.isRevoked(adaToken('z', { userId: 'user_bob' })), false)
})

t.test('where there is no room for another user, those as old as the first one end', async (t) => {
  const { connect, clock } = createReplicaScene({ limitEntries: 2 })
  const replica = connect(t)
  await replica.start()
  for (const id of ['user_ada', 'user_bob']) {
    await replica.revokeUser(id, START_MS, Infinity)
    clock.advance(1_000)
  }
  const told: unknown[] = []
  replica.follow((revocation) => told.push(revocation))
  const eve = adaToken('z', { userId: 'user_eve' })
  await replica.reserve('user_carl', Infinity)
  await replica.revokeUser('user_carl', START_MS, Infinity)
  t.same(told, [{ allUntilMs: START_MS }, { userId: 'user_carl', issuedUntilMs: START_MS + 2_000 }])
  t.equal(replica.isRevoked(eve), true)
  t.equal(
    replica.isRevoked({ ...eve, issuedAtMs: START_MS + 1 }),
    false,
    'nobody else is logged out',
  )
  t.equal(await replica.issueMs('user_eve'), START_MS + 2_000)
})

t.test('the last token that there was room for ends no other when it is read again', async (t) => {
  const { connect, database } = createReplicaScene({ limitEntries: 1 })
  const replica = connect(t)
  await replica.start()
  t.equal(await replica.revokeToken(adaToken('a')), true)
  // Whoever comes behind it in the log is known once it was read.
  await database.connect().revocations.raiseUser('user_bob', START_MS, Infinity)
  await until('it is read', () => replica.isRevoked(adaToken('z', { userId: 'user_bob' })))
  t.equal(replica.isRevoked(adaToken('z')), false)
})

t.test('logout-all is not shortened by a token that there is no room for', async (t) => {
  const { connect, database, clock } = createReplicaScene({ limitEntries: 1 })
  const log = database.connect().revocations
  const replica = connect(t)
  await replica.start()
  await log.addToken(adaToken('filler', { userId: 'user_zoe' }))
  await log.raiseUser('user_ada', START_MS, Infinity)
  const stolen = adaToken('stolen', { expSeconds: START_SECONDS + 30 * 86_400 })
  await until('it is known', () => replica.isRevoked(stolen))
  clock.advance(1)
  const short = adaToken('short', { issuedAtMs: START_MS + 1, expSeconds: START_SECONDS + 60 })
  await log.addToken(short)
  await until('that is known too', () => replica.isRevoked(short))
  clock.advance(10 * 86_400_000)
  for (let i = 0; i < 3; i++) await replica.revokeUser('user_ada2', clock.now(), Infinity)
  t.equal(replica.isRevoked(stolen), true)
})

t.test(
  'of a user without room a token that ends soon does not free one that ends late',
  async (t) => {
    const { connect, database, clock } = createReplicaScene({ limitEntries: 1 })
    const log = database.connect().revocations
    const replica = connect(t)
    await replica.start()
    const late = adaToken('late', { expSeconds: START_SECONDS + 86_400 })
    const soon = adaToken('soon', { issuedAtMs: START_MS + 1, expSeconds: START_SECONDS + 60 })
    await log.addToken(adaToken('filler', { userId: 'user_zoe' }))
    await log.addToken(late)
    await until('it is known', () => replica.isRevoked(late))
    clock.advance(1)
    await log.addToken(soon)
    await until('that is known too', () => replica.isRevoked(soon))
    clock.advance(7_200_000)
    for (let i = 0; i < 3; i++) await replica.revokeUser('user_bob', clock.now(), Infinity)
    t.equal(await log.addToken(late), false, 'the engine still has it')
    t.equal(replica.isRevoked(late), true)
  },
)

t.test('what is no lack of room is not taken for one', async (t) => {
  const clock = createManualClock()
  const local = createMemoryRevocations({ clock, limitEntries: 2, ownLifeSeconds: 86_400 })
  local.follow(() => {
    throw new TypeError('a fault of who follows')
  })
  const log = createDatabase(clock).connect().revocations
  const replica = createReplica({ log, local, clock, ...REPLICA_LIMITS })
  await t.rejects(replica.revokeUser('user_ada', START_MS, Infinity), TypeError)
  replica.stop()
})
