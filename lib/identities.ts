import { createAuthenticate, type Authenticate } from './auth/authenticate.js'
import { createSessions } from './auth/sessions.js'
import type { Clock } from './clock.js'
import type { Config } from './config.js'
import type { FileWatch } from './file-watch.js'
import type { Deadlines } from './http/deadlines.js'
import type { VerifyOptions } from './jwt/checks.js'
import type { KeyRing } from './jwt/key-ring.js'
import { createKeys } from './keys.js'
import type { Log } from './log.js'
import { createSigner, type Signer } from './passport/signer.js'
import { createRevocations, type Revocations } from './revocation/revocations.js'
import type { State } from './state.js'

/** Who callers are, and for how long. */
export interface Identities {
  keys: KeyRing
  /** `undefined` where passports are not signed. */
  signer: Signer | undefined
  revocations: Revocations
  authenticate: Authenticate
  /** Of the files that secrets are in. */
  watches: readonly FileWatch[]
}

interface IdentitiesParts {
  clock: Clock
  log: Log
  deadlines: Deadlines
  state: Pick<State, 'revocations'>
}

/** @throws ConfigError for a file of secrets that cannot be used */
export const createIdentities = (
  config: Config,
  { clock, log, deadlines, state }: IdentitiesParts,
): Identities => {
  const { limits, toleranceSeconds } = config
  const { jwt, passport, watches } = createKeys(config, {
    clock,
    log,
    onJwtChanged: () => sessions.keysChanged(),
  })
  const store = state.revocations
  const revocations = createRevocations({
    store,
    clock,
    toleranceSeconds,
    longestLifeSeconds: config.maxTokenAgeSeconds,
  })
  const sessions = createSessions({ keys: jwt, revocations, clock, deadlines })
  store.follow((revocation) => sessions.revoked(revocation))
  const signer = passport && createSigner(passport, config.passport.bind)
  const authenticate = createAuthenticate({
    verification: verificationOf(config, jwt),
    revocations,
    sessions,
    signer,
    websocketTokens: config.websocketTokens,
    limitRemembered: limits.rememberedTokens,
  })
  return {
    keys: jwt,
    signer,
    revocations,
    authenticate,
    watches,
  }
}

/** How tokens are verified with the keys of a ring. */
export const verificationOf = (
  config: Pick<Config, 'issuer' | 'audience' | 'maxTokenAgeSeconds' | 'toleranceSeconds'>,
  keys: KeyRing,
): Omit<VerifyOptions, 'nowSeconds'> => ({
  keys,
  issuer: config.issuer,
  audience: config.audience,
  maxAgeSeconds: config.maxTokenAgeSeconds,
  toleranceSeconds: config.toleranceSeconds,
})
