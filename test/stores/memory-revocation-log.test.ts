import t from 'tap'
import type { LogEntry } from '../../lib/revocation/revocation-log.js'
import { createReplica } from '../../lib/revocation/replica.js'
import { createMemoryRevocationLog } from '../../lib/stores/memory-revocation-log.js'
import { localRevocations, START_MS, token } from '../support/local-revocations.js'
import { REPLICA_LIMITS } from '../support/replicas.js'

const LONG_SECONDS = START_MS / 1_000 + 10_000_000

t.test(
  'where users fill the room, the first gives way, and whoever follows learns it',
  async (t) => {
    const { store, clock } = localRevocations(2)
    const log = createMemoryRevocationLog(store)
    await log.raiseUser('user_ada', START_MS, LONG_SECONDS)
    await log.raiseUser('user_bob', START_MS, LONG_SECONDS)
    clock.advance(1_000)
    await log.raiseUser('user_bob', START_MS, LONG_SECONDS)
    const reserve = async (): Promise<void> => log.reserve?.('user_eve', LONG_SECONDS)
    await t.rejects(reserve, { code: 'overloaded' })
    clock.advance(86_399_500)
    const eveMs = await log.raiseUser('user_eve', START_MS, LONG_SECONDS)
    const { entries } = await log.read(undefined, 10)
    t.same(entries, [
      { userId: 'user_bob', issuedUntilMs: START_MS + 1_000, keepUntilSeconds: LONG_SECONDS },
      { allUntilMs: START_MS },
      { userId: 'user_eve', issuedUntilMs: eveMs, keepUntilSeconds: LONG_SECONDS },
    ])
    const { store: local } = localRevocations(9)
    const replica = createReplica({ log, local, clock, ...REPLICA_LIMITS })
    t.teardown(() => replica.stop())
    await replica.start()
    const old = token('a', { userId: 'user_carl' })
    t.equal(replica.isRevoked(old), true, 'all who are as old as the one that gave way')
    t.equal(replica.isRevoked({ ...old, issuedAtMs: START_MS + 1 }), false)
    await t.rejects(replica.reserve('user_carl', LONG_SECONDS), { code: 'overloaded' })
  },
)

t.test('a token without room is refused', async (t) => {
  const log = createMemoryRevocationLog(localRevocations(1).store)
  t.equal(await log.addToken(token('a')), true)
  await t.rejects(log.addToken(token('b')), { code: 'overloaded' })
  t.equal((await log.read(undefined, 10)).entries.length, 1)
})

t.test('what a later entry stands for is cleared away, and none is missed', async (t) => {
  const { store } = localRevocations(10_000)
  const log = createMemoryRevocationLog(store)
  const seen: LogEntry[] = []
  let position: string | undefined
  for (let i = 0; i < 5_000; i++) {
    await log.raiseUser(`user_${i % 7}`, START_MS, LONG_SECONDS)
    if (i % 97 > 0) continue
    const page = await log.read(position, 3)
    position = page.position
    seen.push(...page.entries)
    if (page.hasMore) t.equal(page.entries.length, 3)
  }
  const { entries } = await log.read(undefined, 100)
  t.equal(entries.length, 7, 'one of each user')
  for (let hasMore = true; hasMore;) {
    const page = await log.read(position, 3)
    position = page.position
    seen.push(...page.entries)
    hasMore = page.hasMore
  }
  for (const entry of entries)
    t.ok(seen.some((one) => JSON.stringify(one) === JSON.stringify(entry)))
})
