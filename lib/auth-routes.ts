import type { Authenticate } from './auth/authenticate.js'
import { createLogin } from './auth/login.js'
import { createLogout, createLogoutAll } from './auth/logout.js'
import { createMe } from './auth/me.js'
import { createPassword } from './auth/password.js'
import { createRefresh } from './auth/refresh.js'
import { createSignup, isFinal } from './auth/signup.js'
import { throttled } from './auth/throttled.js'
import { createTokenBody, TOKEN_LIFE_SECONDS } from './auth/tokens.js'
import type { Clock } from './clock.js'
import type { Config } from './config.js'
import { ISSUER } from './defaults.js'
import type { GatewayMetrics } from './gateway-metrics.js'
import type { Deadlines } from './http/deadlines.js'
import type { Handler, Route } from './http/router.js'
import { createIdempotent, type Idempotent } from './idempotency/idempotent.js'
import { createSealer } from './idempotency/seal.js'
import type { KeyRing } from './jwt/key-ring.js'
import type { Revocations } from './revocation/revocations.js'
import type { State } from './state.js'
import type { Throttle } from './throttle/throttle.js'
import { createAccounts } from './users/accounts.js'
import type { IsBreached } from './users/breached-passwords.js'
import { createHashThreads } from './users/hash-threads.js'
import {
  createPasswords,
  hashesAtOnce,
  type PasswordHasher,
  type Passwords,
} from './users/passwords.js'

export interface AuthRoutesParts {
  keys: KeyRing
  clock: Clock
  deadlines: Deadlines
  authenticate: Authenticate
  revocations: Revocations
  throttle: Throttle
  state: Pick<State, 'users' | 'idempotency'>
  isBreached: IsBreached
  /** Default: `bcrypt`, on threads of its own. */
  hasher: PasswordHasher | undefined
  metrics: Pick<GatewayMetrics, 'onHashTurn' | 'onOutcome'>
  /** How many processes share the machine. */
  processes: number
}

export interface AuthRoutes {
  routes: Route[]
  /** The line of passwords to be hashed. */
  hashing: Passwords['queue']
  /** Lets go of the threads that hash. */
  close: () => void
}

/** The endpoints under `/v1/auth/`, over what they need. */
export const createAuthRoutes = (config: Config, parts: AuthRoutesParts): AuthRoutes => {
  const { limits, signup } = config
  const { keys, clock, deadlines, authenticate, revocations, state, throttle, hasher } = parts
  const { isBreached, metrics } = parts
  const threads = createHashThreads()
  const passwords = createPasswords({
    limitWaiting: limits.hashQueue,
    limitWaitMs: config.timeouts.hashQueueMs,
    startTimer: (ms, onExpired) => deadlines.start(ms, onExpired),
    nowMs: () => clock.monotonic(),
    onTurn: metrics.onHashTurn,
    concurrency: hashesAtOnce(parts.processes),
    hasher: hasher ?? threads,
  })
  const accounts = createAccounts({
    users: state.users,
    passwords,
    clock,
    againMs: config.idempotency.ttlMs,
    issueMs: (userId) => revocations.issueMs(userId),
    reserve: (userId) => revocations.reserve(userId),
    revokeUser: (userId) => revocations.revokeUser(userId),
  })
  const tokenBody = createTokenBody({
    keys,
    clock,
    issuer: config.issuer ?? ISSUER,
    audience: config.audience,
    lifeSeconds: Math.min(TOKEN_LIFE_SECONDS, config.maxTokenAgeSeconds ?? Infinity),
  })
  const body = { limitBytes: limits.bodyBytes, timeoutMs: config.timeouts.clientBodyMs }
  const idempotent = createIdempotent({
    store: state.idempotency,
    sealer: createSealer(keys),
    clock,
    ttlMs: config.idempotency.ttlMs,
    isKept: isFinal,
  })
  const methods: Record<Config['endpoints'][number], Record<string, Handler>> = {
    signup: {
      POST: throttled(throttle, 'signup', (admit) =>
        createSignup({
          accounts,
          isBreached,
          tokenBody,
          idempotent: observed(idempotent, metrics.onOutcome),
          body,
          admit,
          plans: signup.plans,
          countryHeader: signup.countryHeader?.toLowerCase(),
          platformHeader: signup.platformHeader?.toLowerCase(),
        }),
      ),
    },
    login: {
      POST: throttled(throttle, 'login', (admit) =>
        createLogin({ accounts, tokenBody, body, admit }),
      ),
    },
    me: { GET: createMe(authenticate) },
    refresh: { POST: createRefresh({ authenticate, accounts, revocations, tokenBody }) },
    logout: { POST: createLogout(authenticate, revocations) },
    'logout-all': { POST: createLogoutAll(authenticate, revocations) },
    password: {
      POST: throttled(throttle, 'password', (admit) =>
        createPassword({ authenticate, accounts, isBreached, tokenBody, body, admit }),
      ),
    },
  }
  return {
    routes: config.endpoints.map((name) => ({
      pattern: `/v1/auth/${name}`,
      methods: methods[name],
    })),
    hashing: passwords.queue,
    close: () => threads.close(),
  }
}

const observed = (idempotent: Idempotent, onOutcome: GatewayMetrics['onOutcome']): Idempotent => ({
  run: async (...args) => {
    const outcome = await idempotent.run(...args)
    onOutcome(outcome)
    return outcome
  },
})
