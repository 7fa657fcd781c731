/** An answer as it rests in a store: encrypted, so that no token can be read there. */
export interface SealedAnswer {
  /** Nonce, ciphertext and authentication tag. */
  bytes: Uint8Array
}

/** What holds a key: a request that is still running, or its answer. */
export interface IdempotencyRecord {
  /** The HMAC of the payload that came with the key. */
  fingerprint: string
  /** Absent while the request runs. */
  answer?: SealedAnswer
}

/** Where keys and answers are kept. Each method is atomic: no read followed by a write. */
export interface IdempotencyStore {
  /**
   * Claims `key` for `ttlMs` milliseconds if it is free; otherwise resolves to the record that holds
   * it. Rejects with `overloaded` when there is no room. The claim is called `claimId`, so that it can
   * be given up where no answer came; without it, by a random name.
   */
  claim(
    key: string,
    fingerprint: string,
    ttlMs: number,
    claimId?: string,
  ): Promise<{ claimId: string } | { heldBy: IdempotencyRecord }>
  /** Replaces the claim by the answer. Does nothing if the claim has expired and been taken over. */
  settle(key: string, claimId: string, answer: SealedAnswer, ttlMs: number): Promise<void>
  /** Gives the key up, so that a retry runs the request again. */
  release(key: string, claimId: string): Promise<void>
}
