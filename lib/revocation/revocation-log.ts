import type { RevocableToken } from './revocation-store.js'

/**
 * What was revoked: one token, or all of a user's that were issued until then; or those of everybody, where
 * an engine has only so much room.
 */
export type LogEntry =
  | { userId: string; tokenId: string; expSeconds: number }
  | { userId: string; issuedUntilMs: number; keepUntilSeconds: number }
  | { allUntilMs: number }

/** Some entries, and where the next ones begin. */
export interface LogPage {
  entries: LogEntry[]
  /** For the next `read`; what is there again is read again. */
  position: string
  /** Whether there is more already. */
  hasMore: boolean
}

/**
 * Revocations as an engine keeps them for several gateways, each of which follows them. Each method
 * is atomic in the engine, and rejects with `store_unavailable` when it does not answer in time.
 */
export interface RevocationLog {
  /**
   * The moment as of which a token of this user is issued now, in Unix milliseconds: the engine's own
   * present, and behind every moment until which his tokens are revoked.
   */
  issueMs(userId: string): Promise<number>
  /** Adds a token; `false` when it is there already, or all of its user's that are as old are revoked. */
  addToken(token: RevocableToken): Promise<boolean>
  /**
   * Raises the moment until which the user's tokens are revoked to `issuedUntilMs`, to the engine's
   * own present, or to a millisecond more than it was, whichever is latest; resolves to it. It may be
   * forgotten from `keepUntilSeconds` on (never where that is `Infinity`).
   */
  raiseUser(userId: string, issuedUntilMs: number, keepUntilSeconds: number): Promise<number>
  /**
   * Sees to it that there is room to raise the user's moment, until `keepUntilSeconds`; rejects with
   * `overloaded`. Only of an engine that could refuse that.
   */
  reserve?(userId: string, keepUntilSeconds: number): Promise<void>
  /**
   * At most `limit` entries behind `position`, in the order in which they became visible to readers:
   * none ever appears before a position that was given. `undefined` reads from the first on. A user
   * whose moment was raised has one entry, at its newest place.
   */
  read(position: string | undefined, limit: number): Promise<LogPage>
  /** Calls `onNews` soon after anybody has added an entry, as far as the engine can tell. Call it once. */
  listen(onNews: () => void): void
}
