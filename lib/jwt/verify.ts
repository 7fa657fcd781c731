import { timingSafeEqual } from 'node:crypto'
import { decodeBase64url } from './base64url.js'
import { parseIdentity, type Claims } from './claims.js'
import type { KeyRing } from './key-ring.js'
import { hs256 } from './sign.js'

/** Why a token was refused: a closed union, safe to log. */
export type TokenRejection =
  | 'malformed'
  | 'unsupported_algorithm'
  | 'unsupported_header'
  | 'unknown_key'
  | 'bad_signature'
  | 'malformed_claims'
  | 'expired'
  | 'not_yet_valid'
  | 'wrong_audience'

export type Verification = { ok: true; claims: Claims } | { ok: false; reason: TokenRejection }

export interface VerifyOptions {
  keys: KeyRing
  /** The audience that a token must be for, or `undefined`: then it must be for none. */
  audience: string | undefined
  /** The present, in Unix seconds. */
  nowSeconds: number
  /** Clock skew forgiven when checking `exp`, `nbf` and `iat`, in seconds. */
  toleranceSeconds: number
}

/** The longest token that is looked at, in characters. */
export const TOKEN_LIMIT = 8192

/**
 * Verifies a compact HS256 token (RFC 7519, RFC 8725). Never throws: whatever a client sends is
 * answered by a reason.
 */
export const verifyToken = (token: string, options: VerifyOptions): Verification => {
  if (token.length > TOKEN_LIMIT) return refuse('malformed')
  const parts = token.split('.', 4)
  const [header, payload, signature] = parts
  if (parts.length !== 3 || !header || !payload || !signature) return refuse('malformed')

  const fields = parseJsonObject(header)
  if (!fields) return refuse('malformed')
  // The algorithm is ours, never the token's (RFC 8725 Section 3.1).
  if (fields['alg'] !== 'HS256') return refuse('unsupported_algorithm')
  const headerProblem = checkHeader(fields)
  if (headerProblem) return refuse(headerProblem)
  const candidates = options.keys.candidates(fields['kid'] as string | undefined) // checked above
  if (candidates.length === 0) return refuse('unknown_key')

  const given = decodeBase64url(signature)
  if (!given) return refuse('malformed')
  const signingInput = token.slice(0, header.length + 1 + payload.length)
  const isOurs = candidates.some(({ key }) => {
    const expected = hs256(key, signingInput)
    return given.length === expected.length && timingSafeEqual(given, expected)
  })
  // The signature comes first: nothing in the payload is read until it is known to be ours.
  if (!isOurs) return refuse('bad_signature')
  return verifyPayload(payload, options)
}

const refuse = (reason: TokenRejection): Verification => ({ ok: false, reason })

const checkHeader = (fields: Record<string, unknown>): TokenRejection | undefined => {
  // An extension that must be understood is not (RFC 7515 Section 4.1.11), and b64 (RFC 7797) is one.
  if ('crit' in fields || 'b64' in fields) return 'unsupported_header'
  const { typ, kid } = fields
  if (typ !== undefined && !(typeof typ === 'string' && /^jwt$/i.test(typ)))
    return 'unsupported_header'
  return kid === undefined || typeof kid === 'string' ? undefined : 'unknown_key'
}

const verifyPayload = (payload: string, options: VerifyOptions): Verification => {
  const fields = parseJsonObject(payload)
  if (!fields) return refuse('malformed_claims')
  const { exp, nbf, iat } = fields
  if (!isDate(exp) || !isDateOrAbsent(nbf) || !isDateOrAbsent(iat))
    return refuse('malformed_claims')
  const identity = parseIdentity(fields)
  if (!identity) return refuse('malformed_claims')
  const { audience, nowSeconds, toleranceSeconds } = options
  if (!isFor(audience, fields['aud'])) return refuse('wrong_audience')
  const expSeconds = exp + toleranceSeconds
  if (nowSeconds >= expSeconds) return refuse('expired')
  const latestStart = nowSeconds + toleranceSeconds
  if ((nbf ?? 0) > latestStart || (iat ?? 0) > latestStart) return refuse('not_yet_valid')
  return { ok: true, claims: { ...identity, expSeconds } }
}

// A token for somebody else must be refused (RFC 7519 Section 4.1.3).
const isFor = (audience: string | undefined, aud: unknown): boolean =>
  audience === undefined ? aud === undefined : [aud].flat().includes(audience)

// The last second of the year 9999: beyond it a number is no date, and arithmetic starts to lie.
const LAST_DATE_SECONDS = 253_402_300_799

const isDate = (value: unknown): value is number =>
  Number.isInteger(value) && (value as number) >= 0 && (value as number) <= LAST_DATE_SECONDS

const isDateOrAbsent = (value: unknown): value is number | undefined =>
  value === undefined || isDate(value)

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

const parseJsonObject = (part: string): Record<string, unknown> | undefined => {
  const bytes = decodeBase64url(part)
  if (!bytes) return undefined
  try {
    const value: unknown = JSON.parse(utf8.decode(bytes))
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
    // Without a prototype, no name in a token can reach what every object inherits.
    return Object.assign(Object.create(null) as Record<string, unknown>, value)
  } catch {
    return undefined
  }
}
