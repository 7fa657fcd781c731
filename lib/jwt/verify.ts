import type { Claims } from './claims.js'
import {
  CHECKS,
  createReading,
  TOKEN_LIMIT,
  type Reading,
  type TokenRejection,
  type VerifyOptions,
} from './checks.js'
import { parseJsonObject, type JsonObject } from './json-object.js'
import type { RingKey } from './key-ring.js'

export type Verification =
  { ok: true; claims: Claims; key: RingKey } | { ok: false; reason: TokenRejection }

/**
 * Verifies a compact HS256 token (RFC 7519, RFC 8725). Never throws: whatever a client sends is
 * answered by a reason.
 */
export const verifyToken = (token: string, options: VerifyOptions): Verification => {
  const reading = createReading(token, options)
  for (const { check } of CHECKS) {
    const reason = check(reading)
    if (reason) return { ok: false, reason }
  }
  return accepted(reading)
}

const accepted = ({ claims, key }: Reading): Verification => ({
  ok: true,
  claims: claims as Claims, // every check has passed
  key: key as RingKey,
})

/** One check of a token: what it asks, and how the token fared; `undefined` when it came to none. */
export interface CheckOutcome {
  question: string
  outcome: 'pass' | TokenRejection | undefined
}

/** Everything there is to say about a token. */
export interface Explanation {
  verification: Verification
  checks: CheckOutcome[]
  /** The key that has signed it; without one, header and payload are anybody's. */
  key: RingKey | undefined
  /** As they read, believed or not; `undefined` where they do not. */
  header: JsonObject | undefined
  payload: JsonObject | undefined
}

/** Verifies a token as `verifyToken` does, and tells how each check went. */
export const explainToken = (token: string, options: VerifyOptions): Explanation => {
  const reading = createReading(token, options)
  let reason: TokenRejection | undefined
  const checks = CHECKS.map(({ question, check }): CheckOutcome => {
    if (reason) return { question, outcome: undefined }
    reason = check(reading)
    return { question, outcome: reason ?? 'pass' }
  })
  const [header = '', payload = ''] = token.slice(0, TOKEN_LIMIT).split('.')
  return {
    verification: reason ? { ok: false, reason } : accepted(reading),
    checks,
    key: reading.key,
    header: parseJsonObject(header),
    payload: parseJsonObject(payload),
  }
}
