import { DEFAULTS } from './defaults.js'
import { count, group, integer, milliseconds, optional } from './option-kinds.js'
import { leastBytesPerSecond } from './service-options.js'

/** The group of options `throttle`. */
export const throttle = group({
  addressAttempts: count(
    DEFAULTS.throttle.addressAttempts,
    'attempts to sign up from one address (of IPv6: /64) in a window; as many to log in, to change a password, to show a wrong `adminToken`',
  ),
  accountAttempts: count(
    DEFAULTS.throttle.accountAttempts,
    'attempts to sign up with one e-mail in a window; as many to log in, to change a password',
  ),
  windowMs: milliseconds(DEFAULTS.throttle.windowMs, 'a window, from its first attempt on'),
})

const optionalCount = (description: string) => optional(count(1, ''), description)

/** The group of options `overload`. */
export const overload = group({
  loopDelaySoftMs: optional(
    milliseconds(1, ''),
    'delay of the event loop from which on connections end behind their answers and no stream begins; without it a fifth of `overload.loopDelayHardMs`',
  ),
  loopDelayHardMs: milliseconds(
    DEFAULTS.overload.loopDelayHardMs,
    'the same from which on all but health endpoints is 503',
  ),
  memorySoftBytes: optionalCount(
    'resident memory, the same; without it nine tenths of `overload.memoryHardBytes`',
  ),
  memoryHardBytes: optionalCount(
    'resident memory, the same; without it nine tenths of what the machine or the control group has',
  ),
  connectionsSoft: optionalCount(
    'client connections, the same; without it four fifths of `limits.connections`, which is the hard limit',
  ),
  requestsSoft: optionalCount(
    'requests in flight, without WebSockets; without it four fifths of `overload.requestsHard`',
  ),
  requestsHard: optionalCount(
    'requests in flight, without WebSockets; without it as `limits.connections`',
  ),
})

/** The group of options `limits`. */
export const limits = group({
  headerCount: integer(16, 500, DEFAULTS.limits.headerCount, 'header lines in a request'),
  headerBytes: integer(
    1_024,
    1_048_576,
    DEFAULTS.limits.headerBytes,
    'header section of a request',
  ),
  targetBytes: integer(64, 1_048_576, DEFAULTS.limits.targetBytes, 'path and query of a request'),
  bodyBytes: count(DEFAULTS.limits.bodyBytes, 'body of a request to `/v1/auth/*`'),
  backlog: integer(
    1,
    65_535,
    DEFAULTS.limits.backlog,
    'client connections that wait to be taken; the system may keep fewer (`net.core.somaxconn`)',
  ),
  connections: count(DEFAULTS.limits.connections, 'client connections at once'),
  connectionsPerAddress: count(
    DEFAULTS.limits.connectionsPerAddress,
    'client connections of one address (of IPv6: /64) at once, if it is none of `trustProxy`',
  ),
  requestsPerConnection: count(
    DEFAULTS.limits.requestsPerConnection,
    'requests on one connection, which then is closed',
  ),
  leastBytesPerSecond,
  pipelinedRequests: count(
    DEFAULTS.limits.pipelinedRequests,
    'requests waiting behind another on one connection',
  ),
  tunnels: count(DEFAULTS.limits.tunnels, 'WebSockets and other upgraded connections at once'),
  routeRequests: optionalCount(
    'requests and WebSockets of one route at once, those that wait too; without it three quarters of `limits.connections`',
  ),
  userRequests: optionalCount(
    'requests and WebSockets of one user in flight on one route (without a token: of one address; of IPv6: /64); without it a quarter of what the route or one target takes, at most 200',
  ),
  userWaiting: integer(
    0,
    Number.MAX_SAFE_INTEGER,
    DEFAULTS.limits.userWaiting,
    'requests of one user waiting for their turn on one route',
  ),
  targetConnections: count(
    DEFAULTS.limits.targetConnections,
    'requests and WebSockets in flight to one target at once',
  ),
  targetWaiting: integer(
    0,
    Number.MAX_SAFE_INTEGER,
    DEFAULTS.limits.targetWaiting,
    'requests waiting for their turn at one target',
  ),
  hashQueue: count(DEFAULTS.limits.hashQueue, 'passwords waiting to be hashed'),
  storeConnections: count(
    DEFAULTS.limits.storeConnections,
    'connections to a PostgreSQL store at once',
  ),
  users: count(DEFAULTS.limits.users, 'users in memory, about 300 bytes each'),
  idempotencyEntries: count(DEFAULTS.limits.idempotencyEntries, 'idempotency keys in memory'),
  idempotencyBytes: count(
    DEFAULTS.limits.idempotencyBytes,
    'idempotency keys and answers in memory',
  ),
  revocations: count(
    DEFAULTS.limits.revocations,
    'revoked tokens in memory, and users whose tokens are',
  ),
  throttleKeys: count(
    DEFAULTS.limits.throttleKeys,
    'addresses and accounts in memory whose attempts are counted one by one',
  ),
  rememberedTokens: integer(
    0,
    10_000_000,
    DEFAULTS.limits.rememberedTokens,
    'verified tokens that are remembered once they come again, and at most 1000 refused ones; 0 remembers none',
  ),
})
