import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createHealth } from './admin/health.js'
import { createAuthenticate, challenge } from './auth/authenticate.js'
import { createLogin } from './auth/login.js'
import { createSignup, isFinal } from './auth/signup.js'
import { createTokenBody } from './auth/tokens.js'
import { systemClock, unixSeconds, type Clock } from './clock.js'
import { DEFAULTS, parseOptions, type Config } from './config.js'
import { createClientResolver } from './http/client-address.js'
import { createDeadlines } from './http/deadlines.js'
import { createDrain } from './http/drain.js'
import { createEntrance } from './http/entrance.js'
import type { Surroundings } from './http/exchange.js'
import { sendProblem } from './http/respond.js'
import { createRouter, type Handler, type Route } from './http/router.js'
import { createStrictServer } from './http/server.js'
import { createTurns } from './http/turns.js'
import { createIdempotent } from './idempotency/idempotent.js'
import { createSealer } from './idempotency/seal.js'
import { createKeyRing, type KeyRing } from './jwt/key-ring.js'
import type { Log } from './log.js'
import type { GatewayOptions } from './options.js'
import { createForward } from './proxy/forward.js'
import { createUpstream, type Upstream } from './proxy/upstream.js'
import { createMemoryIdempotency, createMemoryUsers } from './stores/memory.js'
import { createAccounts } from './users/accounts.js'
import { createPasswords, type PasswordHasher } from './users/passwords.js'

/** What a program, or a test, can put in place of the gateway's own parts. */
export interface GatewayParts {
  /** Receives every event; must not throw. Default: nothing is logged. */
  log?: Log
  /** Default: the clock of this machine. */
  clock?: Clock
  /** Default: `bcrypt`. */
  passwordHasher?: PasswordHasher
}

export interface Gateway {
  /** For a server of your own: `http.createServer(gateway.handler)`. */
  readonly handler: (request: IncomingMessage, response: ServerResponse) => void
  /**
   * Listens; rejects when the port is taken. `host` is `127.0.0.1` by default, and port 0 takes any
   * free one. Call it once.
   */
  listen(port: number, host?: string): Promise<{ host: string; port: number }>
  /**
   * Stops accepting, finishes what is in flight within `timeouts.shutdownMs`, and cuts the rest. A
   * server of your own goes on accepting: close it first.
   */
  close(): Promise<void>
}

/**
 * Builds a gateway. Two of them in one process share nothing.
 * @throws ConfigError (a RangeError) with everything that is wrong with the options
 */
export const createGateway = (options: GatewayOptions, parts: GatewayParts = {}): Gateway => {
  const config = parseOptions(options)
  const { clock = systemClock, log = () => {} } = parts
  const { limits, timeouts } = config
  let isClosing = false
  const surroundings: Surroundings = {
    clock,
    log,
    deadlines: createDeadlines(clock),
    resolveClient: createClientResolver(config.trustProxy),
    flushMs: timeouts.blockedBodyMs,
    isDraining: () => isClosing,
  }
  const keys = createKeyRing(config.jwtSecret)
  const upstream = createUpstream(config.upstream, timeouts.upstreamKeepAliveMs)
  const turns = createTurns(limits.pipelinedRequests)
  const router = createRouter([
    ...authRoutes(config, keys, clock, parts.passwordHasher),
    { pattern: `${PROXY_PREFIX}/*`, methods: createProxied(config, keys, upstream) },
    ...createHealth([{ name: 'accepting', isReady: () => !isClosing }]),
  ])
  const entrance = createEntrance({ surroundings, turns, router, limitHeaders: limits.headerCount })
  const server = createStrictServer({
    entrance,
    turns,
    log,
    limitHeaderBytes: limits.headerBytes,
    limitConnections: limits.connections,
    headersMs: timeouts.clientHeadersMs,
    keepAliveMs: timeouts.keepAliveMs,
  })
  const drain = createDrain({ server, turns, deadlines: surroundings.deadlines })
  const shutDown = async (): Promise<void> => {
    isClosing = true
    stopListening?.(new Error(CLOSED))
    log({ event: 'closing' })
    const isClean = await drain(timeouts.shutdownMs)
    upstream.agent.destroy()
    log({ event: 'closed', cutConnections: !isClean })
  }
  let closed: Promise<void> | undefined
  let stopListening: ((reason: Error) => void) | undefined

  return {
    handler: (request, response) => entrance(request, response),

    listen: (port, host = DEFAULTS.host) =>
      new Promise((resolve, reject) => {
        if (isClosing) return reject(new Error(CLOSED))
        stopListening = reject
        server.once('error', reject)
        server.listen(port, host, () => {
          server.off('error', reject)
          const { port: boundPort } = server.address() as AddressInfo // it listens on TCP
          log({ event: 'listening', host, port: boundPort })
          resolve({ host, port: boundPort })
        })
      }),

    close: () => (closed ??= shutDown()),
  }
}

const PROXY_PREFIX = '/v1/proxy'
const CLOSED = 'the gateway is closed'

const authRoutes = (
  config: Config,
  keys: KeyRing,
  clock: Clock,
  hasher: PasswordHasher | undefined,
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

// A proxied request, step by step: authenticate, passport, and on to the service behind.
const createProxied = (config: Config, keys: KeyRing, upstream: Upstream): Handler => {
  const authenticate = createAuthenticate({
    keys,
    audience: config.audience,
    toleranceSeconds: config.toleranceSeconds,
    limitRemembered: config.limits.rememberedTokens,
  })
  const { timeouts, passAuthorization } = config
  const forward = createForward({ upstream, timeouts, passAuthorization })
  return (exchange) => {
    const nowSeconds = unixSeconds(exchange.clock)
    const authentication = authenticate(exchange.request.rawHeaders, nowSeconds)
    if (!authentication.ok) {
      const { reason } = authentication
      exchange.reason = reason
      const code = reason === 'no_token' ? 'missing_token' : 'invalid_token'
      return sendProblem(exchange, code, { headers: challenge(reason) })
    }
    const { caller } = authentication
    exchange.userId = caller.userId
    const path = exchange.path.slice(PROXY_PREFIX.length) + exchange.query
    forward(exchange, path, { passport: caller.passport(nowSeconds), segment: caller.segment })
  }
}
