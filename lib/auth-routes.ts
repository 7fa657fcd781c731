import { createLogin } from './auth/login.js'
import { createSignup, isFinal } from './auth/signup.js'
import { createTokenBody } from './auth/tokens.js'
import type { Clock } from './clock.js'
import type { Config } from './config.js'
import type { Route } from './http/router.js'
import { createIdempotent } from './idempotency/idempotent.js'
import { createSealer } from './idempotency/seal.js'
import type { KeyRing } from './jwt/key-ring.js'
import { createMemoryIdempotency, createMemoryUsers } from './stores/memory.js'
import { createAccounts } from './users/accounts.js'
import { createPasswords, type PasswordHasher } from './users/passwords.js'

interface AuthRoutesParts {
  keys: KeyRing
  clock: Clock
  /** Default: `bcrypt`. */
  hasher: PasswordHasher | undefined
}

/** Signup and login, over what they need. */
export const createAuthRoutes = (
  config: Config,
  { keys, clock, hasher }: AuthRoutesParts,
): Route[] => {
  const { limits, signup } = config
  const accounts = createAccounts({
    users: createMemoryUsers({ limitUsers: limits.users }),
    passwords: createPasswords({
      limitWaiting: limits.hashQueue,
      limitWaitMs: config.timeouts.hashQueueMs,
      clock,
      ...(hasher && { hasher }),
    }),
    clock,
  })
  const idempotent = createIdempotent({
    store: createMemoryIdempotency({
      clock,
      limitEntries: limits.idempotencyEntries,
      limitBytes: limits.idempotencyBytes,
    }),
    sealer: createSealer(config.jwtSecret),
    clock,
    ttlMs: config.idempotency.ttlMs,
    isKept: isFinal,
  })
  const tokenBody = createTokenBody({
    keys,
    clock,
    issuer: config.issuer,
    audience: config.audience,
  })
  const body = { limitBytes: limits.bodyBytes, timeoutMs: config.timeouts.clientBodyMs }
  const POST = createSignup({
    accounts,
    tokenBody,
    idempotent,
    body,
    plans: signup.plans,
    countryHeader: signup.countryHeader?.toLowerCase(),
    platformHeader: signup.platformHeader?.toLowerCase(),
  })
  return [
    { pattern: '/v1/auth/signup', methods: { POST } },
    { pattern: '/v1/auth/login', methods: { POST: createLogin({ accounts, tokenBody, body }) } },
  ]
}
