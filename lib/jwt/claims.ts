import { createHash } from 'node:crypto'

/** Whom a verified token names. */
export interface TokenHolder {
  /** `sub`, or `user_id` where there is no `sub`. */
  userId: string
  email: string | null
  subscription: string
  country: string
  platform: string
}

/** What a verified token says, as far as it is believed. */
export interface Claims extends TokenHolder {
  /** `jti`; where there is none, or a very long one, a digest of the token in its place. */
  tokenId: string
  /** When it was issued, in Unix milliseconds: at the earliest, and 0 for one that does not say. */
  issuedAtMs: number
  /** `exp`, in Unix seconds. */
  expSeconds: number
}

/** What stands in for a claim that a foreign token does not have. */
const ABSENT = {
  email: null,
  subscription: 'free',
  country: 'ZZ',
  platform: 'unknown',
} as const

/** Whether a string pairs its surrogates, so that UTF-8 can carry it. */
export const isWellFormed = (text: string): boolean => !/\p{Surrogate}/u.test(text)

/** Reads the claims that name the user; `undefined` where one has the wrong type or size. */
export const parseHolder = (payload: Record<string, unknown>): TokenHolder | undefined => {
  const userId = payload['sub'] ?? payload['user_id']
  const email = payload['email'] ?? ABSENT.email
  const subscription = payload['subscription'] ?? ABSENT.subscription
  const country = payload['country'] ?? ABSENT.country
  const platform = payload['platform'] ?? ABSENT.platform
  return isName(userId) &&
    (email === null || isName(email)) &&
    isName(subscription) &&
    isName(country) &&
    isName(platform)
    ? { userId, email, subscription, country, platform }
    : undefined
}

const LIMIT_CHARACTERS = 255

const isName = (value: unknown): value is string =>
  typeof value === 'string' &&
  value.length > 0 &&
  value.length <= LIMIT_CHARACTERS &&
  isWellFormed(value)

/** Under which name the token can be revoked. */
export const tokenIdOf = (token: string, jti: string | undefined): string =>
  jti !== undefined && jti !== '' && jti.length <= LONGEST_ID_CHARACTERS
    ? jti
    : `sha256:${createHash('sha256').update(token).digest('base64url')}`

const LONGEST_ID_CHARACTERS = 64

/**
 * When a token was issued, in milliseconds. `iat` is in whole seconds (RFC 7519 Section 2 lets it have
 * fractions, but few verifiers do); the gateway's own `jti`, a UUID of version 7, begins with the
 * milliseconds (RFC 9562 Section 5.7), so that tokens of one second can be told apart.
 */
export const issuedAtMsOf = (iatSeconds: number | undefined, jti: string | undefined): number => {
  if (iatSeconds === undefined) return 0
  const [, high = '', low = ''] = UUID_V7.exec(jti ?? '') ?? []
  const ms = parseInt(high + low, 16)
  return Math.floor(ms / 1000) === iatSeconds ? ms : iatSeconds * 1000
}

const UUID_V7 = /^([0-9a-f]{8})-([0-9a-f]{4})-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
