import type { Clock } from '../clock.js'
import { GatewayError } from '../errors.js'
import type { RevocableToken, RevocationStore } from './revocation-store.js'

/** Which tokens are revoked, and revoking more. */
export interface Revocations {
  /** Local, so that every request can ask. */
  isRevoked(token: RevocableToken): boolean
  /** Revokes one token; `false` when it is revoked already. Rejects with `overloaded` without room. */
  revokeToken(token: RevocableToken): Promise<boolean>
  /** Revokes one token; where there is no room for it alone, all of its user. */
  endToken(token: RevocableToken): Promise<void>
  /** Revokes every token of the user that was issued until now. */
  revokeUser(userId: string): Promise<void>
  /**
   * The moment as of which a token of this user is issued now, in Unix milliseconds: behind every
   * moment until which his tokens are revoked. Whoever mints takes it *before* looking at the user, so
   * that what is revoked meanwhile revokes the new token too.
   */
  issueMs(userId: string): number
}

export interface RevocationsOptions {
  store: RevocationStore
  clock: Clock
  /** The longest that a token is valid, in seconds; `undefined` where nothing bounds it. */
  longestLifeSeconds: number | undefined
}

export const createRevocations = (options: RevocationsOptions): Revocations => {
  const { store, clock, longestLifeSeconds = Infinity } = options
  const issueMs = (userId: string): number =>
    Math.max(clock.now(), store.revokedUntilMs(userId) + 1)

  const revokeUser = (userId: string): Promise<void> => {
    // Never before the moment as of which a token may just have been issued.
    const untilMs = issueMs(userId)
    return store.revokeUser(userId, untilMs, Math.ceil(untilMs / 1000) + longestLifeSeconds)
  }

  return {
    issueMs,
    revokeUser,
    isRevoked: (token) => store.isRevoked(token),
    revokeToken: (token) => store.revokeToken(token),
    endToken: async (token) => {
      try {
        await store.revokeToken(token)
      } catch (error) {
        if (!(error instanceof GatewayError)) throw error
        await revokeUser(token.userId)
      }
    },
  }
}
