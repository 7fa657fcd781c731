import { ownClaims } from './auth/tokens.js'
import type { Config } from './config.js'
import { ISSUER } from './defaults.js'
import type { TokenHolder } from './jwt/claims.js'
import { createKeyRing } from './jwt/key-ring.js'
import { signToken } from './jwt/sign.js'
import { loadRing, ringSources } from './secrets.js'

/** A token that is wanted. */
export interface TokenWish {
  holder: TokenHolder
  /** Default an hour, or less where `maxTokenAgeSeconds` says so. */
  expiresInSeconds: number | undefined
  /** Put beside the gateway's own claims, or in their place; `null` takes one out. */
  claims: Readonly<Record<string, unknown>>
}

/**
 * Mints a token as a gateway with these options does, with the first key of its ring. Nothing is
 * checked: what no gateway would take can be made too, which is what tests need.
 * @throws ConfigError for a file of secrets that cannot be used
 */
export const mintToken = (config: Config, wish: TokenWish, nowMs: number): string => {
  const keys = createKeyRing(loadRing(ringSources(config).jwt, 'jwtSecretsFile'))
  const lifeSeconds =
    wish.expiresInSeconds ?? Math.min(HOUR_SECONDS, config.maxTokenAgeSeconds ?? Infinity)
  const options = { issuer: config.issuer ?? ISSUER, audience: config.audience, lifeSeconds }
  const claims = { ...ownClaims(options, wish.holder, nowMs, nowMs), ...wish.claims }
  return signToken(
    keys,
    Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== null)),
  )
}

const HOUR_SECONDS = 3_600
