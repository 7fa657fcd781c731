import type { Clock } from '../clock.js'
import { GatewayError } from '../errors.js'
import type { RevocableToken, RevocationStore } from './revocation-store.js'

/** Which tokens are revoked, and revoking more. */
export interface Revocations {
  /** Whether enough is known to say that a token is not revoked. */
  isCurrent(): boolean
  /** Local, so that every request can ask. */
  isRevoked(token: RevocableToken): boolean
  /** Revokes one token; `false` when it is revoked already. Rejects with `overloaded` without room. */
  revokeToken(token: RevocableToken): Promise<boolean>
  /** Revokes one token; where there is no room for it alone, all of its user. */
  endToken(token: RevocableToken): Promise<void>
  /** Revokes every token of the user that was issued until now, or on a clock that is ahead. */
  revokeUser(userId: string): Promise<void>
  /** Sees to it that there is room to revoke the tokens of the user. Rejects with `overloaded`. */
  reserve(userId: string): Promise<void>
  /**
   * The moment as of which a token of this user is issued now, in Unix milliseconds: behind every
   * moment until which his tokens are revoked. Whoever mints takes it *before* looking at the user, so
   * that what is revoked meanwhile revokes the new token too.
   */
  issueMs(userId: string): Promise<number>
}

export interface RevocationsOptions {
  store: RevocationStore
  clock: Clock
  /** Clock skew forgiven, in seconds. */
  toleranceSeconds: number
  /** The longest that a token is valid, in seconds; `undefined` where nothing bounds it. */
  longestLifeSeconds: number | undefined
}

export const createRevocations = (options: RevocationsOptions): Revocations => {
  const { store, clock, toleranceSeconds, longestLifeSeconds = Infinity } = options
  // The clock may be set back, but never before a token that was issued.
  let lastIssuedMs = 0

  const issueMs = async (userId: string): Promise<number> => {
    const ms = await store.issueMs(userId)
    lastIssuedMs = Math.max(lastIssuedMs, ms)
    return ms
  }

  // Until the last of those tokens has expired, and the skew forgiven has passed.
  const keepUntilSeconds = (untilMs: number): number =>
    Math.ceil(untilMs / 1000) + longestLifeSeconds + toleranceSeconds

  const revokeUser = (userId: string): Promise<void> => {
    // Tokens of a minter whose clock is ahead, within what is forgiven, are good already.
    const untilMs = Math.max(clock.now() + toleranceSeconds * 1000, lastIssuedMs)
    return store.revokeUser(userId, untilMs, keepUntilSeconds(untilMs))
  }

  return {
    issueMs,
    revokeUser,
    reserve: (userId) => store.reserve(userId, keepUntilSeconds(clock.now())),
    isCurrent: () => store.isCurrent(),
    isRevoked: (token) => store.isRevoked(token),
    revokeToken: (token) => store.revokeToken(token),
    endToken: async (token) => {
      try {
        await store.revokeToken(token)
      } catch (error) {
        // A store that does not answer is not asked for more: neither for longer, nor for all tokens.
        if (!(error instanceof GatewayError && error.code === 'overloaded')) throw error
        await revokeUser(token.userId)
      }
    },
  }
}
