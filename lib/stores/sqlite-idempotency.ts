import { randomUUID } from 'node:crypto'
import type { IdempotencyRecord, SealedAnswer } from '../idempotency/idempotency-store.js'
import { fromText, toText } from './held-text.js'
import type { SqliteHandle } from './sqlite-handle.js'

const SWEEP_ROWS = 4

/** What is done for idempotency keys, within a transaction that somebody else opens. */
export const createSqliteIdempotency = (handle: SqliteHandle, nowMs: () => number) => ({
  claim: (
    key: string,
    fingerprint: string,
    ttlMs: number,
    claimId: string = randomUUID(),
  ): { claimId: string } | { heldBy: IdempotencyRecord } => {
    const atMs = nowMs()
    const changed = handle.run(
      `insert into idempotency (key, claim_id, fingerprint, answer, expires_at_ms)
        values (?, ?, ?, null, ?)
      on conflict (key) do update set claim_id = excluded.claim_id,
        fingerprint = excluded.fingerprint, answer = null, expires_at_ms = excluded.expires_at_ms
      where idempotency.expires_at_ms <= ?`,
      toText(key),
      claimId,
      toText(fingerprint),
      atMs + ttlMs,
      atMs,
    )
    if (changed === 1) {
      handle.run(
        `delete from idempotency where key in (select key from idempotency
          where expires_at_ms <= ? and claim_id is not ? order by expires_at_ms limit ?)`,
        atMs,
        claimId,
        SWEEP_ROWS,
      )
      return { claimId }
    }
    // It was in the way just now, in this transaction.
    const row = handle.get('select fingerprint, answer from idempotency where key = ?', toText(key))
    const answer = row?.['answer'] as Uint8Array | null
    const held = { fingerprint: fromText(row?.['fingerprint']) }
    return { heldBy: answer ? { ...held, answer: { bytes: new Uint8Array(answer) } } : held }
  },

  settle: (key: string, claimId: string, answer: SealedAnswer, ttlMs: number): void => {
    handle.run(
      `update idempotency set answer = ?, claim_id = null, expires_at_ms = ?
        where key = ? and claim_id = ?`,
      answer.bytes,
      nowMs() + ttlMs,
      toText(key),
      toText(claimId),
    )
  },

  release: (key: string, claimId: string): void => {
    handle.run(
      'delete from idempotency where key = ? and claim_id = ?',
      toText(key),
      toText(claimId),
    )
  },
})
