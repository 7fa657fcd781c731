import { randomUUID } from 'node:crypto'
import type { Clock } from '../clock.js'
import { GatewayError } from '../errors.js'
import type { IdempotencyStore, SealedAnswer } from '../idempotency/idempotency-store.js'

export interface MemoryIdempotencyOptions {
  clock: Clock
  /** How many keys there is room for, running requests included. */
  limitEntries: number
  /** How much room there is for keys and answers, in bytes. */
  limitBytes: number
}

interface Claim {
  claimId: string
  fingerprint: string
  expiresAtMs: number
}

interface Kept {
  fingerprint: string
  answer: SealedAnswer
  bytes: number
  expiresAtMs: number
}

/**
 * Idempotency keys in a `Map`. When it is full, expired answers go first, then the oldest; a claim
 * in flight never, so a full map of claims makes `claim` reject with `overloaded`.
 */
export const createMemoryIdempotency = (options: MemoryIdempotencyOptions): IdempotencyStore => {
  const { clock, limitEntries, limitBytes } = options
  const claims = new Map<string, Claim>()
  // In the order of their expiry, as long as every answer is kept for the same time.
  const answers = new Map<string, Kept>()
  let answerBytes = 0

  const forget = (key: string, kept: Kept): void => {
    answers.delete(key)
    answerBytes -= kept.bytes
  }

  const makeRoom = (entries: number, bytes: number): boolean => {
    const nowMs = clock.now()
    for (const [key, kept] of answers) {
      const isFull =
        claims.size + answers.size + entries > limitEntries || answerBytes + bytes > limitBytes
      if (!isFull && kept.expiresAtMs > nowMs) break
      forget(key, kept)
    }
    if (claims.size + answers.size + entries <= limitEntries) return true
    for (const [key, claim] of claims) if (claim.expiresAtMs <= nowMs) claims.delete(key)
    return claims.size + answers.size + entries <= limitEntries
  }

  const holds = (key: string, claimId: string): Claim | undefined => {
    const claim = claims.get(key)
    return claim?.claimId === claimId ? claim : undefined
  }

  return {
    claim: async (key, fingerprint, ttlMs, claimId = randomUUID()) => {
      const nowMs = clock.now()
      const kept = answers.get(key)
      if (kept && kept.expiresAtMs > nowMs) return { heldBy: kept }
      if (kept) forget(key, kept)
      const claim = claims.get(key)
      if (claim && claim.expiresAtMs > nowMs) return { heldBy: { fingerprint: claim.fingerprint } }
      claims.delete(key)
      if (!makeRoom(1, 0)) throw new GatewayError('overloaded')
      claims.set(key, { claimId, fingerprint, expiresAtMs: nowMs + ttlMs })
      return { claimId }
    },

    settle: async (key, claimId, answer, ttlMs) => {
      const claim = holds(key, claimId)
      if (!claim) return
      claims.delete(key)
      const bytes = ENTRY_BYTES + 2 * key.length + answer.bytes.byteLength
      if (bytes > limitBytes) return // larger than all the room there is
      makeRoom(1, bytes)
      const { fingerprint } = claim
      answers.set(key, { fingerprint, answer, bytes, expiresAtMs: clock.now() + ttlMs })
      answerBytes += bytes
    },

    release: async (key, claimId) => {
      if (holds(key, claimId)) claims.delete(key)
    },
  }
}

/** What an entry costs beside its key and its answer; an estimate. */
const ENTRY_BYTES = 200
