import { hash } from 'node:crypto'

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
export interface Claims extends TokenHolder, TokenOrigin {
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

/** Whether a string pairs its surrogates, so that UTF-8 can carry it; most have none to pair. */
const isWellFormed = (text: string): boolean =>
  !/[\ud800-\udfff]/.test(text) || !/\p{Surrogate}/u.test(text)

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

/** By which a token can be revoked, alone or with all of its user. */
export interface TokenOrigin {
  /** The `jti` of a token of the gateway's own; any other is known by `digestOf`. */
  ownId: string | undefined
  /** In Unix milliseconds: at the earliest, and 0 for one that does not say. */
  issuedAtMs: number
}

/**
 * The name and the moment of issue of a token. The gateway's own `jti` is a UUID of version 7, which
 * begins with milliseconds (RFC 9562 Section 5.7), so that tokens of one second can be told apart; it
 * may be ahead of `iat` where tokens until later are revoked. Another minter may use one `jti` twice:
 * its tokens are named by a digest, and issued as `iat` says, to the second.
 */
export const originOf = (iatSeconds: number | undefined, jti: string | undefined): TokenOrigin => {
  const [, high = '', low = ''] = UUID_V7.exec(jti ?? '') ?? []
  const aheadMs = parseInt(high + low, 16) - (iatSeconds ?? NaN) * 1000
  if (jti !== undefined && iatSeconds !== undefined && aheadMs >= 0 && aheadMs < LIMIT_AHEAD_MS)
    return { ownId: jti, issuedAtMs: iatSeconds * 1000 + aheadMs }
  return { ownId: undefined, issuedAtMs: (iatSeconds ?? 0) * 1000 }
}

/** What names a token of another minter. */
export const digestOf = (token: string): string => `sha256:${hash('sha256', token, 'base64url')}`

const UUID_V7 = /^([0-9a-f]{8})-([0-9a-f]{4})-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
// Far more than the skew that can be forgiven: the clock may have been set back.
const LIMIT_AHEAD_MS = 86_400_000
