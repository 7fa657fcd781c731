import type { TokenHolder } from '../jwt/claims.js'
import type { KeyRing } from '../jwt/key-ring.js'
import { signToken } from '../jwt/sign.js'
import { createTokenId } from '../jwt/token-id.js'
import type { Standing } from '../users/accounts.js'

/** The body of an answer that holds a token, as JSON. */
export type TokenBody = (standing: Standing) => string

export interface TokensOptions {
  keys: KeyRing
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
  { issuer, audience, lifeSeconds }: Omit<TokensOptions, 'keys'>,
  holder: TokenHolder,
  issuedAtMs: number,
): Record<string, unknown> => {
  const iat = Math.floor(issuedAtMs / 1000)
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
  (options: TokensOptions): TokenBody =>
  ({ user, issuedAtMs }) =>
    JSON.stringify({
      user_id: user.id,
      token: signToken(options.keys, ownClaims(options, { ...user, userId: user.id }, issuedAtMs)),
      token_type: 'Bearer',
      expires_in: options.lifeSeconds,
    })
