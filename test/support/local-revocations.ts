import type { RevocableToken } from '../../lib/revocation/revocation-store.js'
import { createMemoryRevocations } from '../../lib/stores/memory-revocations.js'
import { createManualClock, START_SECONDS } from './manual-clock.js'

export const START_MS = START_SECONDS * 1000

/** A token that is accepted for a minute yet. */
export const token = (tokenId: string, more: Partial<RevocableToken> = {}): RevocableToken => ({
  tokenId,
  userId: 'user_ada',
  issuedAtMs: START_MS,
  expSeconds: START_SECONDS + 60,
  ...more,
})

/** Revocations in memory, on a manual clock. */
export const localRevocations = (limitEntries = 10) => {
  const clock = createManualClock()
  const store = createMemoryRevocations({ clock, limitEntries, ownLifeSeconds: 86_400 })
  return { clock, store }
}
