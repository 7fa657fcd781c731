/** A token, as far as it can be revoked. */
export interface RevocableToken {
  /** Its `jti`, or what stands in for it. */
  readonly tokenId: string
  readonly userId: string
  /** Unix milliseconds. */
  readonly issuedAtMs: number
  /** From when on nobody accepts it, in Unix seconds. */
  readonly expSeconds: number
}

/** What became known: one token is revoked, or all of a user's, or of everybody, issued until then. */
export type Revocation =
  | { userId: string; tokenId: string }
  | { userId: string; issuedUntilMs: number }
  | { allUntilMs: number }

/**
 * Where revocations are kept. Asking is local and costs no round trip: an engine that is shared by
 * several gateways keeps a replica of its own, at most a second old.
 */
export interface RevocationStore {
  /** Whether the token is revoked, by itself or with all of its user. */
  isRevoked(token: RevocableToken): boolean
  /**
   * Whether enough is known to say that a token is not revoked; not so before the replica is there, or
   * when it has not heard of the engine for too long.
   */
  isCurrent(): boolean
  /**
   * The moment as of which a token of this user is issued now, in Unix milliseconds: behind every
   * moment until which his tokens are revoked.
   */
  issueMs(userId: string): Promise<number>
  /**
   * Revokes one token until nobody would accept it anyway; `false` when it is revoked already, by
   * itself or with all of its user. Atomic. Rejects with `overloaded` when there is no room.
   */
  revokeToken(token: RevocableToken): Promise<boolean>
  /**
   * Revokes the user's tokens that were issued until `issuedUntilMs`, that moment included; always a
   * millisecond more than before, so that a token being issued is revoked too. May be forgotten from
   * `keepUntilSeconds` on. Rejects with `overloaded` when there is no room.
   */
  revokeUser(userId: string, issuedUntilMs: number, keepUntilSeconds: number): Promise<void>
  /** Sees to it that there is room to do so, until `keepUntilSeconds`. Rejects with `overloaded`. */
  reserve(userId: string, keepUntilSeconds: number): Promise<void>
  /** Calls `listener` with each revocation once `isRevoked` knows it. */
  follow(listener: (revocation: Revocation) => void): void
}

/** Revocations of one process alone. */
export interface LocalRevocations extends RevocationStore {
  /** Up to when tokens of the user are revoked, in Unix milliseconds; 0 where none is. */
  revokedUntilMs(userId: string): number
  /**
   * Takes over what was revoked elsewhere: up to that very moment, where no more is revoked, and for at
   * least so long, however short it was to be kept before. Where there is no room for another user,
   * the one that was revoked first makes room, and all tokens that are as old as his are revoked.
   */
  learnUser(userId: string, issuedUntilMs: number, keepUntilSeconds: number): Promise<void>
  /** Takes over that elsewhere all tokens of everybody that were issued until then are revoked. */
  learnAll(allUntilMs: number): void
  /** Whether there is room for another token of the user. */
  hasRoomFor(userId: string): boolean
}
