import type { Config } from './config.js'
import { verificationOf } from './identities.js'
import { isDate, type TokenRejection } from './jwt/checks.js'
import type { JsonObject } from './jwt/json-object.js'
import { createKeyRing, type KeyRing } from './jwt/key-ring.js'
import { describeRefusal } from './jwt/refusal.js'
import { explainToken, type CheckOutcome } from './jwt/verify.js'
import { encodePassport } from './passport/passport.js'
import { decodePassport } from './passport/passport-json.js'
import { encodeSegment } from './passport/segment.js'
import { loadRing, ringSources } from './secrets.js'

type Outcome = NonNullable<CheckOutcome['outcome']> | 'not reached'

export interface Moment {
  seconds: number
  /** As RFC 3339 has it. */
  utc: string
  /** Negative for the past. */
  fromNowSeconds: number
}

/** What the gateway makes of a token; `null` stands for what there is not. */
export interface TokenReport {
  /** The moment as of which the token was judged. */
  now: Moment
  accepted: boolean
  reason: TokenRejection | null
  /** The reason in words; whatever the token holds, they steer no terminal. */
  why: string | null
  checks: Array<{ question: string; outcome: Outcome }>
  /** Unless it was, header and claims are anybody's. */
  signatureVerified: boolean
  header: JsonObject | null
  claims: JsonObject | null
  /** `iat`, `nbf` and `exp`, as far as they are dates. */
  dates: Record<string, Moment>
  /** The key that has signed the token; without `notAfter` it never ends. */
  key: { kid: string; notAfter: Moment | null } | null
  /** What the service behind would get with the token: decoded, and as its headers. */
  passport: unknown
  segment: string | null
  headers: { 'X-Passport': string; 'X-Proxy-State': string } | null
}

/**
 * Judges a token as a gateway with these options would at that moment. What was revoked is known to
 * the running gateway alone.
 * @throws ConfigError for a file of secrets that cannot be used
 */
export const reportToken = (config: Config, token: string, nowSeconds: number): TokenReport => {
  const keys = createKeyRing(loadRing(ringSources(config).jwt, 'jwtSecretsFile'))
  return reportWith(keys, config, token, nowSeconds)
}

/** The same with the keys of a ring. */
export const reportWith = (
  keys: KeyRing,
  config: Config,
  token: string,
  nowSeconds: number,
): TokenReport => {
  const options = { ...verificationOf(config, keys), nowSeconds }
  const { verification, checks, key, header, payload } = explainToken(token, options)
  const reason = verification.ok ? null : verification.reason
  const moment = (seconds: number): Moment => ({
    seconds,
    utc: new Date(seconds * 1000).toISOString().replace('.000', ''),
    fromNowSeconds: seconds - nowSeconds,
  })
  const keyUntilSeconds = key ? keys.validUntilSeconds(key) : 0
  const headers = verification.ok
    ? {
        'X-Passport': encodePassport(verification.claims, nowSeconds),
        'X-Proxy-State': encodeSegment(verification.claims),
      }
    : null
  return {
    now: moment(nowSeconds),
    accepted: verification.ok,
    reason,
    why: reason && describeRefusal(reason, { token, header, payload, options }),
    checks: checks.map(({ question, outcome }): { question: string; outcome: Outcome } => ({
      question,
      outcome: outcome ?? 'not reached',
    })),
    signatureVerified: key !== undefined,
    header: header ?? null,
    claims: payload ?? null,
    dates: Object.fromEntries(
      ['iat', 'nbf', 'exp'].flatMap((name): Array<[string, Moment]> => {
        const value = payload?.[name]
        return isDate(value) ? [[name, moment(value)]] : []
      }),
    ),
    key: key
      ? {
          kid: key.kid,
          notAfter: keyUntilSeconds === Infinity ? null : moment(keyUntilSeconds),
        }
      : null,
    passport: headers && decodePassport(headers['X-Passport']),
    segment: headers && decode(headers['X-Proxy-State']),
    headers,
  }
}

const decode = (base64: string): string => Buffer.from(base64, 'base64').toString()
