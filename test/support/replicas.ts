import type { Test } from 'tap'
import { createReplica } from '../../lib/revocation/replica.js'
import type { RevocableToken } from '../../lib/revocation/revocation-store.js'
import { createMemoryRevocations } from '../../lib/stores/memory-revocations.js'
import { createDatabase } from './database.js'
import { createManualClock, START_SECONDS } from './manual-clock.js'

/** What a replica needs beside its log, for tests that are about something else. */
export const REPLICA_LIMITS = {
  longestLifeSeconds: 86_400,
  limitAgeMs: Infinity,
  lateAgeMs: 2_000,
  onLate: () => {},
}

/** A token of Ada's, issued at the start and good for ten minutes. */
export const adaToken = (tokenId: string, more: Partial<RevocableToken> = {}): RevocableToken => ({
  tokenId,
  userId: 'user_ada',
  issuedAtMs: START_SECONDS * 1000,
  expSeconds: START_SECONDS + 600,
  ...more,
})

/** A database, and what makes a replica over it. */
export const createReplicaScene = ({ limitEntries = 100, limitAgeMs = Infinity } = {}) => {
  const clock = createManualClock()
  const database = createDatabase(clock)
  const connect = (t: Test) => {
    const { revocations: log } = database.connect()
    const local = createMemoryRevocations({ clock, limitEntries, ownLifeSeconds: 86_400 })
    const replica = createReplica({ log, local, clock, ...REPLICA_LIMITS, limitAgeMs })
    t.teardown(() => replica.stop())
    return replica
  }
  return { clock, database, connect }
}
