import { timingSafeEqual } from 'node:crypto'
import { readField, type FieldRejection, type PassportHeaders } from './header-fields.js'
import { createKeys, type CandidateKeys, type PassportTrust } from './keys.js'
import { decodePassport, type Passport, type UserPassport } from './passport-json.js'
import { passportMac, type SignedContent } from './signature.js'

/** Why a passport was refused: a closed union, safe to log; nobody who calls should be told. */
export type PassportRejection =
  | FieldRejection
  | 'malformed_signature'
  | 'unknown_key'
  | 'bad_signature'
  | 'expired'
  | 'not_yet_valid'
  | 'anonymous'

export type PassportReading<P extends Passport = UserPassport> =
  { ok: true; passport: P } | { ok: false; reason: PassportRejection }

export type Anonymous = 'accept' | 'refuse'

/** The passports that are let through. */
export type PassportFor<A extends Anonymous> = A extends 'accept' ? Passport : UserPassport

export type PassportReaderOptions<A extends Anonymous = 'refuse'> = PassportTrust & {
  /** How old a passport may be, in seconds. Default 60. */
  maxAgeSeconds?: number
  /** How far the gateway's clock may be ahead of this one, in seconds. Default 5. */
  toleranceSeconds?: number
  /** What becomes of callers without a token. Default `refuse`. */
  anonymous?: A
  /** The present, in milliseconds since the Unix epoch. Default `Date.now`. */
  now?: () => number
}

/** The request that a signature must be bound to, as the service received it. */
export interface ReceivedRequest {
  method: string | undefined
  /** Path and query, untouched: `originalUrl` where a router rewrites `url`. */
  path: string | undefined
}

/** With `request` only a signature that is bound to it counts, and without it only an unbound one. */
export type PassportReader<A extends Anonymous = 'refuse'> = (
  headers: PassportHeaders,
  request?: ReceivedRequest,
) => PassportReading<PassportFor<A>>

/**
 * Derives the keys once and gives a function that reads the passport of a request. It never throws
 * for what a caller sent.
 * @throws RangeError for options that are not valid, a secret that is missing among them
 */
export const createPassportReader = <A extends Anonymous = 'refuse'>(
  options: PassportReaderOptions<A>,
): PassportReader<A> => {
  const keys = createKeys(options)
  const { maxAgeSeconds = 60, toleranceSeconds = 5, anonymous = 'refuse', now = Date.now } = options
  if (!(maxAgeSeconds >= 0 && toleranceSeconds >= 0 && ['accept', 'refuse'].includes(anonymous)))
    throw new RangeError('maxAgeSeconds, toleranceSeconds or anonymous is not valid')

  const read = (
    headers: PassportHeaders,
    request: ReceivedRequest | undefined,
  ): Passport | PassportRejection => {
    const { value, reason } = readField(headers, 'x-passport')
    if (reason) return reason
    const nowMs = now()
    // The signature comes first: nothing in the passport is read until it is the gateway's.
    const fault = keys && checkSignature(value, headers, request, keys, nowMs)
    if (fault) return fault
    const passport = decodePassport(value)
    if (!passport) return 'malformed'
    const ageSeconds = Math.floor(nowMs / 1000) - passport.issued_at
    if (!(ageSeconds <= maxAgeSeconds)) return 'expired' // also of a clock that gives no number
    if (-ageSeconds > toleranceSeconds) return 'not_yet_valid'
    return passport.token_status === 'anonymous' && anonymous !== 'accept' ? 'anonymous' : passport
  }

  return (headers, request) => {
    const found = read(headers, request)
    return typeof found === 'string'
      ? { ok: false, reason: found }
      : { ok: true, passport: found as PassportFor<A> } // `read` lets no other through
  }
}

/**
 * Reads the passport of one request. Derives the keys anew each time: where that counts, keep what
 * `createPassportReader` gives.
 * @throws RangeError for options that are not valid, a secret that is missing among them
 */
export const readPassport = <A extends Anonymous = 'refuse'>(
  headers: PassportHeaders,
  options: PassportReaderOptions<A> & { request?: ReceivedRequest },
): PassportReading<PassportFor<A>> => {
  // What is there but undefined must not read as "bound to nothing".
  const request = 'request' in options ? { ...options.request } : undefined
  return createPassportReader(options)(headers, request as ReceivedRequest)
}

const checkSignature = (
  passport: string,
  headers: PassportHeaders,
  request: ReceivedRequest | undefined,
  keys: CandidateKeys,
  nowMs: number,
): PassportRejection | undefined => {
  if (request && !(request.method && request.path))
    throw new RangeError('a request has method and path')
  const signature = readField(headers, 'x-passport-signature', 'unsigned')
  if (signature.reason) return signature.reason
  const match = /^v=1; kid=([\w.-]{1,64}); s=([\w-]{43})$/.exec(signature.value)
  const [, kid, given] = match ?? []
  if (!kid || !given) return 'malformed_signature'
  const { value: segment, reason } = readField(headers, 'x-proxy-state')
  if (reason) return reason
  const candidates = keys(kid, nowMs)
  const content = { passport, segment, request } as SignedContent // checked above
  for (const key of candidates)
    // As text of one length, so that base64url which is not canonical is another signature.
    if (timingSafeEqual(Buffer.from(given), Buffer.from(passportMac(key, kid, content))))
      return undefined
  return candidates.length > 0 ? 'bad_signature' : 'unknown_key'
}
