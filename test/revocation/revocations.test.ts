import t from 'tap'
import { GatewayError, type ErrorCode } from '../../lib/errors.js'
import { createRevocations } from '../../lib/revocation/revocations.js'
import { createMemoryRevocations } from '../../lib/stores/memory-revocations.js'
import { createManualClock, START_SECONDS } from '../support/manual-clock.js'

const TOKEN = {
  tokenId: 'a',
  userId: 'user_ada',
  issuedAtMs: START_SECONDS * 1_000,
  expSeconds: START_SECONDS + 60,
}

/** Over a store that refuses to revoke one token. */
const refusing = (code: ErrorCode) => {
  const clock = createManualClock()
  const memory = createMemoryRevocations({ clock, limitEntries: 10, ownLifeSeconds: 60 })
  const store = {
    ...memory,
    revokeToken: () => Promise.reject(new GatewayError(code)),
  }
  return createRevocations({ store, clock, toleranceSeconds: 0, longestLifeSeconds: 60 })
}

t.test('a logout for which there is no room ends all tokens of the user', async (t) => {
  const revocations = refusing('overloaded')
  await revocations.endToken(TOKEN)
  t.ok(revocations.isRevoked({ ...TOKEN, tokenId: 'another' }))
})

t.test('a logout that the store did not answer ends no other token', async (t) => {
  const revocations = refusing('store_unavailable')
  await t.rejects(revocations.endToken(TOKEN), { code: 'store_unavailable' })
  t.notOk(revocations.isRevoked({ ...TOKEN, tokenId: 'another' }))
})
