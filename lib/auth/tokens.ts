import { randomUUID } from 'node:crypto'
import { unixSeconds, type Clock } from '../clock.js'
import type { KeyRing } from '../jwt/key-ring.js'
import { signToken } from '../jwt/sign.js'
import type { User } from '../users/user-store.js'

/** The body of an answer that holds a token, as JSON. */
export type TokenBody = (user: User) => string

export interface TokensOptions {
  keys: KeyRing
  clock: Clock
  /** The claim `iss`. */
  issuer: string
  /** The claim `aud`; `undefined` for none. */
  audience: string | undefined
}

/** How long a token is valid, in seconds. */
const TOKEN_LIFE_SECONDS = 86_400

/** Mints tokens: `iss, aud?, sub, email, subscription, country, platform, iat, exp, jti`. */
export const createTokenBody =
  ({ keys, clock, issuer, audience }: TokensOptions): TokenBody =>
  (user) => {
    const iat = unixSeconds(clock)
    const token = signToken(keys, {
      iss: issuer,
      ...(audience !== undefined && { aud: audience }),
      sub: user.id,
      email: user.email,
      subscription: user.subscription,
      country: user.country,
      platform: user.platform,
      iat,
      exp: iat + TOKEN_LIFE_SECONDS,
      jti: randomUUID(),
    })
    return JSON.stringify({
      user_id: user.id,
      token,
      token_type: 'Bearer',
      expires_in: TOKEN_LIFE_SECONDS,
    })
  }
