import { randomUUID } from 'node:crypto'
import type { IdempotencyStore } from '../idempotency/idempotency-store.js'
import { fromText, toText } from './held-text.js'
import type { PostgresRunner } from './postgres-runner.js'

/** Idempotency keys in PostgreSQL: a row for each, which holds who claims it, and then the answer. */
export const createPostgresIdempotency = ({ rows, change }: PostgresRunner): IdempotencyStore => ({
  claim: async (key, fingerprint, ttlMs, claimId = randomUUID()) => {
    const [held] = await rows(
      'select fingerprint, answer from passport_gateway.claim_key($1, $2, $3, $4)',
      toText(key),
      claimId,
      toText(fingerprint),
      ttlMs,
    )
    if (!held) return { claimId }
    const record = { fingerprint: fromText(held['fingerprint']) }
    const bytes = held['answer'] as Uint8Array | null // a column that holds bytes
    return { heldBy: bytes ? { ...record, answer: { bytes } } : record }
  },

  settle: async (key, claimId, { bytes }, ttlMs) => {
    await change(
      `update passport_gateway.idempotency set answer = $1, claim_id = null,
        expires_at_ms = passport_gateway.now_ms() + $2
      where key = $3 and claim_id = $4`,
      Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength),
      ttlMs,
      toText(key),
      toText(claimId),
    )
  },

  release: async (key, claimId) => {
    await change(
      'delete from passport_gateway.idempotency where key = $1 and claim_id = $2',
      toText(key),
      toText(claimId),
    )
  },
})
