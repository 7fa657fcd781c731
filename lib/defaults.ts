import { SERVICE_DEFAULTS } from './service-options.js'

/** The claim `iss` of new tokens where nobody names one. */
export const ISSUER = 'passport-gateway'

/** The endpoints under `/v1/auth/`. */
export const ENDPOINTS = [
  'signup',
  'login',
  'me',
  'refresh',
  'logout',
  'logout-all',
  'password',
] as const

/** What every option is when nobody says otherwise. Durations are milliseconds, sizes bytes. */
export const DEFAULTS = {
  host: '127.0.0.1',
  port: 8080,
  logLevel: 'info',
  logSuccessShare: 1,
  admin: { host: '127.0.0.1' },
  toleranceSeconds: 0,
  passAuthorization: SERVICE_DEFAULTS.passAuthorization,
  websocketTokens: false,
  passport: { bind: 'none' },
  onForgery: 'strip',
  store: 'memory:',
  allowVolatileStore: false,
  endpoints: ENDPOINTS,
  idempotency: { ttlMs: 300_000 },
  throttle: { addressAttempts: 60, accountAttempts: 10, windowMs: 60_000 },
  timeouts: {
    ...SERVICE_DEFAULTS.timeouts,
    clientHeadersMs: 8_000,
    clientBodyMs: 10_000,
    hashQueueMs: 30_000,
    keepAliveMs: 65_000,
    upstreamKeepAliveMs: 4_000,
    storeMs: 2_000,
    shutdownMs: 10_000,
  },
  limits: {
    headerCount: 100,
    headerBytes: 16_384,
    targetBytes: 8_192,
    bodyBytes: 16_384,
    backlog: 4_096,
    connections: 10_000,
    connectionsPerAddress: 1_000,
    requestsPerConnection: 10_000,
    leastBytesPerSecond: SERVICE_DEFAULTS.leastBytesPerSecond,
    pipelinedRequests: 64,
    tunnels: 5_000,
    userWaiting: 300,
    targetConnections: 6_000,
    targetWaiting: 1_000,
    hashQueue: 1_000,
    storeConnections: 10,
    users: 1_000_000,
    idempotencyEntries: 100_000,
    idempotencyBytes: 67_108_864,
    revocations: 1_000_000,
    throttleKeys: 100_000,
    rememberedTokens: 10_000,
  },
  overload: { loopDelayHardMs: 1_000 },
  healthCheck: SERVICE_DEFAULTS.healthCheck,
  ejection: { failures: 5, baseMs: 1_000, longestMs: 30_000, maxPercent: 67 },
  retries: { most: 2, budgetPercent: 20, bodyBytes: 65_536, memoryBytes: 16_777_216 },
  tracing: { start: true, sampledPercent: 100 },
  filesCheckMs: 10_000,
} as const
