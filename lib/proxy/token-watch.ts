/** The token of a caller, as far as what is open with it must not outlive it. */
export interface TokenWatch {
  /** Calls `onEnd` once, when the token ends or if it has; gives what stops the watch. */
  watch(onEnd: (end: TokenEnd) => void): () => void
}

/** What can become of a token that was good. */
export type TokenEnd = 'expired' | 'revoked'

/** What a client and the log are told of it. */
export const TOKEN_ENDS = {
  expired: { farewell: 'the token has expired', reason: 'token_expired' },
  revoked: { farewell: 'the token was revoked', reason: 'token_revoked' },
} as const satisfies Record<TokenEnd, { farewell: string; reason: string }>
