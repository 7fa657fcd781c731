import { isBase64url } from './base64url.js'
import { originOf, parseHolder, type Claims } from './claims.js'
import { parseJsonObject, type JsonObject } from './json-object.js'
import type { KeyRing, RingKey } from './key-ring.js'
import { couldBeHs256, isSignedWith } from './hs256.js'

/** Why a token was refused: a closed union, safe to log. */
export type TokenRejection =
  | 'malformed'
  | 'unsupported_algorithm'
  | 'unsupported_header'
  | 'unknown_key'
  | 'bad_signature'
  | 'malformed_claims'
  | 'wrong_issuer'
  | 'wrong_audience'
  | 'expired'
  | 'not_yet_valid'
  | 'too_long_lived'

export interface VerifyOptions {
  keys: KeyRing
  /** The issuer that a token must name, or `undefined`: then any will do. */
  issuer: string | undefined
  /** The audience that a token must be for, or `undefined`: then it must be for none. */
  audience: string | undefined
  /** The most that `exp - iat` may be, in seconds; `undefined` for no bound. */
  maxAgeSeconds: number | undefined
  /** The present, in Unix seconds. */
  nowSeconds: number
  /** Clock skew forgiven when checking `exp`, `nbf` and `iat`, in seconds. */
  toleranceSeconds: number
  /** How the header is read. Default: `parseJsonObject`. */
  readHeader?: typeof parseJsonObject
}

/** A token under examination; each check puts here what it found, for those after it. */
export interface Reading {
  readonly token: string
  readonly options: VerifyOptions
  header: JsonObject
  signingInput: string
  encodedPayload: string
  encodedSignature: string
  candidates: readonly RingKey[]
  /** The key that has signed it. */
  key: RingKey | undefined
  payload: JsonObject
  dates: Dates
  claims: Claims | undefined
}

/** A token of which nothing is known yet. */
export const createReading = (token: string, options: VerifyOptions): Reading => ({
  token,
  options,
  header: {},
  signingInput: '',
  encodedPayload: '',
  encodedSignature: '',
  candidates: [],
  key: undefined,
  payload: {},
  dates: { exp: 0, nbf: undefined, iat: undefined },
  claims: undefined,
})

interface Dates {
  exp: number
  nbf: number | undefined
  iat: number | undefined
}

interface Check {
  /** What it asks, as a person would. */
  question: string
  /** Gives why the token is refused. */
  check: (reading: Reading) => TokenRejection | undefined
}

/** The longest token that is looked at, in characters. */
export const TOKEN_LIMIT = 8192

/**
 * What a token must pass, in this order; each may rely on those before it.
 * The signature comes first: nothing in the payload is read until it is known to be ours.
 */
export const CHECKS: readonly Check[] = [
  {
    question: 'three parts, and a header of JSON',
    check: (reading) => {
      const { token } = reading
      if (token.length > TOKEN_LIMIT) return 'malformed'
      const parts = token.split('.', 4)
      const [header, payload, signature] = parts
      if (parts.length !== 3 || !header || !payload || !signature) return 'malformed'
      const { readHeader = parseJsonObject } = reading.options
      const fields = readHeader(header)
      if (!fields) return 'malformed'
      reading.header = fields
      reading.signingInput = token.slice(0, header.length + 1 + payload.length)
      reading.encodedPayload = payload
      reading.encodedSignature = signature
      return undefined
    },
  },
  {
    // The algorithm is ours, never the token's (RFC 8725 Section 3.1).
    question: 'the algorithm is HS256',
    check: ({ header }) => (header['alg'] === 'HS256' ? undefined : 'unsupported_algorithm'),
  },
  {
    question: 'nothing in the header that must be understood and is not',
    check: ({ header }) => {
      const { typ } = header
      // crit (RFC 7515 Section 4.1.11), and b64 (RFC 7797).
      const isStrange = 'crit' in header || 'b64' in header
      const isJwt = typ === undefined || (typeof typ === 'string' && /^jwt$/i.test(typ))
      return isStrange || !isJwt ? 'unsupported_header' : undefined
    },
  },
  {
    question: 'kid names a key of the ring, or there is none',
    check: (reading) => {
      const { kid } = reading.header
      if (kid !== undefined && typeof kid !== 'string') return 'unknown_key'
      const { keys, nowSeconds } = reading.options
      reading.candidates = keys.candidates(kid, nowSeconds)
      return reading.candidates.length > 0 ? undefined : 'unknown_key'
    },
  },
  {
    question: 'the signature is of such a key',
    check: (reading) => {
      const { encodedSignature, signingInput, candidates } = reading
      if (!couldBeHs256(encodedSignature))
        return isBase64url(encodedSignature) ? 'bad_signature' : 'malformed'
      const signer = candidates.find(({ key }) => isSignedWith(key, signingInput, encodedSignature))
      if (!signer) return 'bad_signature'
      reading.key = signer
      return undefined
    },
  },
  {
    question: 'the payload has the claims that are needed, of the right types',
    check: (reading) => {
      const payload = parseJsonObject(reading.encodedPayload)
      if (!payload) return 'malformed_claims'
      reading.payload = payload
      const { exp, nbf, iat, jti } = payload
      if (!isDate(exp) || !isDateOrAbsent(nbf) || !isDateOrAbsent(iat)) return 'malformed_claims'
      const holder = parseHolder(payload)
      if (!holder || !(jti === undefined || typeof jti === 'string')) return 'malformed_claims'
      reading.dates = { exp, nbf, iat }
      const { ownId, issuedAtMs } = originOf(iat, jti)
      const { userId, email, subscription, country, platform } = holder
      // Each by its name: a spread takes as long as all else of this check.
      reading.claims = {
        userId,
        email,
        subscription,
        country,
        platform,
        ownId,
        issuedAtMs,
        expSeconds: exp,
      }
      return undefined
    },
  },
  {
    question: 'iss is the issuer that is required',
    check: ({ payload, options: { issuer } }) =>
      issuer === undefined || payload['iss'] === issuer ? undefined : 'wrong_issuer',
  },
  {
    // A token for somebody else must be refused (RFC 7519 Section 4.1.3).
    question: 'aud is the audience that is required, or there is neither',
    check: ({ payload, options: { audience } }) => {
      const { aud } = payload
      const isForUs = audience === undefined ? aud === undefined : [aud].flat().includes(audience)
      return isForUs ? undefined : 'wrong_audience'
    },
  },
  {
    question: 'exp is in the future',
    check: ({ dates, options: { nowSeconds, toleranceSeconds } }) =>
      nowSeconds < dates.exp + toleranceSeconds ? undefined : 'expired',
  },
  {
    question: 'neither iat nor nbf is in the future',
    check: ({ dates, options: { nowSeconds, toleranceSeconds } }) =>
      Math.max(dates.nbf ?? 0, dates.iat ?? 0) > nowSeconds + toleranceSeconds
        ? 'not_yet_valid'
        : undefined,
  },
  {
    question: 'no longer valid than a token may be',
    check: ({ dates, options: { maxAgeSeconds } }) => {
      if (maxAgeSeconds === undefined) return undefined
      const isShort = dates.iat !== undefined && dates.exp - dates.iat <= maxAgeSeconds
      return isShort ? undefined : 'too_long_lived'
    },
  },
]

/** Whether a value is a date as a claim has it: whole Unix seconds, up to the year 9999. */
export const isDate = (value: unknown): value is number =>
  Number.isInteger(value) && (value as number) >= 0 && (value as number) <= LAST_DATE_SECONDS

// The last second of the year 9999: beyond it a number is no date, and arithmetic starts to lie.
const LAST_DATE_SECONDS = 253_402_300_799

const isDateOrAbsent = (value: unknown): value is number | undefined =>
  value === undefined || isDate(value)
