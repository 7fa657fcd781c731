// What becomes of revocations that there is no room for.
import t, { type Test } from 'tap'
import { createReplica } from '../../lib/revocation/replica.js'
import type { RevocableToken } from '../../lib/revocation/revocation-store.js'
import { createMemoryRevocations } from '../../lib/stores/memory-revocations.js'
import { createDatabase } from '../support/database.js'
import { createManualClock, START_SECONDS } from '../support/manual-clock.js'
import { until } from '../support/until.js'

const START_MS = START_SECONDS * 1000
const LIMITS = { longestLifeSeconds: 86_400, limitAgeMs: Infinity }

const token = (tokenId: string, more: Partial<RevocableToken> = {}): RevocableToken => ({
  tokenId,
  userId: 'user_ada',
  issuedAtMs: START_MS,
  expSeconds: START_SECONDS + 600,
  ...more,
})

const setUp = ({ limitEntries = 100, limitAgeMs = Infinity } = {}) => {
  const clock = createManualClock()
  const database = createDatabase(clock)
  const connect = (t: Test) => {
    const { revocations: log } = database.connect()
    const local = createMemoryRevocations({ clock, limitEntries, ownLifeSeconds: 86_400 })
    const replica = createReplica({ log, local, clock, ...LIMITS, limitAgeMs })
    t.teardown(() => replica.stop())
    return replica
  }
  return { clock, database, connect }
}

t.test('what there is no room for revokes more, never less', async (t) => {
  const { connect } = setUp({ limitEntries: 2 })
  const one = connect(t)
  await one.start()
  for (const id of ['a', 'b']) await one.revokeToken(token(id))
  await t.rejects(one.revokeToken(token('c')), { code: 'overloaded' })
  await one.reserve('user_ada', START_SECONDS)
  const { database, connect: connectSmall } = setUp({ limitEntries: 2 })
  const log = database.connect().revocations
  for (const id of ['a', 'b', 'c']) await log.addToken(token(id))
  const other = connectSmall(t)
  await other.start()
  t.equal(other.isRevoked(token('z')), true, 'all of that user')
  t.equal(other.isRevoked(token('z', { userId: 'user_bob' })), false)
})

t.test('where there is no room for another user, those as old as the first one end', async (t) => {
  const { connect, clock } = setUp({ limitEntries: 2 })
  const replica = connect(t)
  await replica.start()
  for (const id of ['user_ada', 'user_bob']) {
    await replica.revokeUser(id, START_MS, Infinity)
    clock.advance(1_000)
  }
  const told: unknown[] = []
  replica.follow((revocation) => told.push(revocation))
  const eve = token('z', { userId: 'user_eve' })
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
  const { connect, database } = setUp({ limitEntries: 1 })
  const replica = connect(t)
  await replica.start()
  t.equal(await replica.revokeToken(token('a')), true)
  // Whoever comes behind it in the log is known once it was read.
  await database.connect().revocations.raiseUser('user_bob', START_MS, Infinity)
  await until('it is read', () => replica.isRevoked(token('z', { userId: 'user_bob' })))
  t.equal(replica.isRevoked(token('z')), false)
})

t.test('logout-all is not shortened by a token that there is no room for', async (t) => {
  const { connect, database, clock } = setUp({ limitEntries: 1 })
  const log = database.connect().revocations
  const replica = connect(t)
  await replica.start()
  await log.addToken(token('filler', { userId: 'user_zoe' }))
  await log.raiseUser('user_ada', START_MS, Infinity)
  const stolen = token('stolen', { expSeconds: START_SECONDS + 30 * 86_400 })
  await until('it is known', () => replica.isRevoked(stolen))
  clock.advance(1)
  const short = token('short', { issuedAtMs: START_MS + 1, expSeconds: START_SECONDS + 60 })
  await log.addToken(short)
  await until('that is known too', () => replica.isRevoked(short))
  clock.advance(10 * 86_400_000)
  for (let i = 0; i < 3; i++) await replica.revokeUser('user_ada2', clock.now(), Infinity)
  t.equal(replica.isRevoked(stolen), true)
})

t.test(
  'of a user without room a token that ends soon does not free one that ends late',
  async (t) => {
    const { connect, database, clock } = setUp({ limitEntries: 1 })
    const log = database.connect().revocations
    const replica = connect(t)
    await replica.start()
    const late = token('late', { expSeconds: START_SECONDS + 86_400 })
    const soon = token('soon', { issuedAtMs: START_MS + 1, expSeconds: START_SECONDS + 60 })
    await log.addToken(token('filler', { userId: 'user_zoe' }))
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
