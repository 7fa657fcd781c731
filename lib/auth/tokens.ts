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

/** Mints tokens: `iss, aud?, sub, email, subscription, country, platform, iat, exp, jti`. */
export const createTokenBody =
  ({ keys, issuer, audience, lifeSeconds }: TokensOptions): TokenBody =>
  ({ user, issuedAtMs }) => {
    const iat = Math.floor(issuedAtMs / 1000)
    const token = signToken(keys, {
      iss: issuer,
      ...(audience !== undefined && { aud: audience }),
      sub: user.id,
      email: user.email,
      subscription: user.subscription,
      country: user.country,
      platform: user.platform,
      iat,
      exp: iat + lifeSeconds,
      jti: createTokenId(issuedAtMs),
    })
    return JSON.stringify({
      user_id: user.id,
      token,
      token_type: 'Bearer',
      expires_in: lifeSeconds,
    })
  }
