import type { Clock } from '../clock.js'
import type { TokenHolder } from '../jwt/claims.js'
import type { KeyRing } from '../jwt/key-ring.js'
import { signToken } from '../jwt/sign.js'
import { createTokenId } from '../jwt/token-id.js'
import type { Standing } from '../users/accounts.js'

/** The body of an answer that holds a token, as JSON. */
export type TokenBody = (standing: Standing) => string

export interface TokensOptions {
  keys: KeyRing
  clock: Pick<Clock, 'now'>
  /** The claim `iss`. */
  issuer: string
  /** The claim `aud`; `undefined` for none. */
  audience: string | undefined
  /** How long a token is valid, in seconds. */
  lifeSeconds: number
}

/** How long a token is valid when nothing bounds it further, in seconds. */
export const TOKEN_LIFE_SECONDS = 86_400

/** The claims of a token of the gateway's own. */
export const ownClaims = (
  { issuer, audience, lifeSeconds }: Omit<TokensOptions, 'keys' | 'clock'>,
  holder: TokenHolder,
  issuedAtMs: number,
  nowMs: number,
): Record<string, unknown> => {
  // A moment ahead stands in `jti` alone: an `iat` in the future is refused.
  const iat = Math.floor(Math.min(issuedAtMs, nowMs) / 1000)
  return {
    iss: issuer,
    ...(audience !== undefined && { aud: audience }),
    sub: holder.userId,
    ...(holder.email !== null && { email: holder.email }),
    subscription: holder.subscription,
    country: holder.country,
    platform: holder.platform,
    iat,
    exp: iat + lifeSeconds,
    jti: createTokenId(issuedAtMs),
  }
}

/** Mints tokens: `iss, aud?, sub, email, subscription, country, platform, iat, exp, jti`. */
export const createTokenBody =
  ({ keys, clock, ...options }: TokensOptions): TokenBody =>
  ({ user, issuedAtMs }) => {
    const holder = { ...user, userId: user.id }
    return JSON.stringify({
      user_id: user.id,
      token: signToken(keys, ownClaims(options, holder, issuedAtMs, clock.now())),
      token_type: 'Bearer',
      expires_in: options.lifeSeconds,
    })
  }
