/** How much of everything there may be. */
export interface Limits {
  /** Header lines in a request. Default 100, from 16 to 500. */
  headerCount?: number | undefined
  /** The header section of a request, in bytes. Default 16384, from 1024 to 1048576. */
  headerBytes?: number | undefined
  /** The target of a request, path and query, in bytes. Default 8192, from 64 to 1048576. */
  targetBytes?: number | undefined
  /** The body of a request to `/v1/auth/*`, in bytes. Default 16384. */
  bodyBytes?: number | undefined
  /**
   * Client connections that wait until the gateway takes them; the system may keep fewer (on Linux
   * `net.core.somaxconn`). Of each listener. Default 4096.
   */
  backlog?: number | undefined
  /** Client connections at once. Default 10000. */
  connections?: number | undefined
  /**
   * Client connections of one address at once; of IPv6, of one network of 64 bits. Those of peers in
   * `trustProxy` are not counted. Default 1000.
   */
  connectionsPerAddress?: number | undefined
  /** Requests on one connection; it is closed behind the answer to the last. Default 10000. */
  requestsPerConnection?: number | undefined
  /**
   * How fast a client must send the body of a proxied request, and take that of an answer which waits
   * for it, in bytes a second after five seconds; 0 lets it take its time. Default 240.
   */
  leastBytesPerSecond?: number | undefined
  /** Requests that may wait behind another on one connection. Default 64. */
  pipelinedRequests?: number | undefined
  /** WebSockets and other upgraded connections at once. Default 5000. */
  tunnels?: number | undefined
  /**
   * Requests and WebSockets of one route at once, those that wait too. Default: three quarters of
   * `connections`.
   */
  routeRequests?: number | undefined
  /**
   * Requests and WebSockets of one user in flight on one route; without a token, of one address (of
   * IPv6, of one network of 64 bits). Default: a quarter of what the route or one target takes, at
   * most 200.
   */
  userRequests?: number | undefined
  /** Requests of one user that may wait for their turn on one route. Default 300. */
  userWaiting?: number | undefined
  /** Requests and WebSockets in flight to one target at once. Default 6000. */
  targetConnections?: number | undefined
  /** Requests that may wait for their turn at one target. Default 1000. */
  targetWaiting?: number | undefined
  /** Passwords that may wait to be hashed. Default 1000. */
  hashQueue?: number | undefined
  /** Connections to a PostgreSQL store at once. Default 10. */
  storeConnections?: number | undefined
  /** Users in memory. Default 1000000. */
  users?: number | undefined
  /** Idempotency keys in memory. Default 100000. */
  idempotencyEntries?: number | undefined
  /** Idempotency keys and their answers in memory, in bytes. Default 67108864. */
  idempotencyBytes?: number | undefined
  /** Revoked tokens in memory, and as many users whose tokens are. Default 1000000. */
  revocations?: number | undefined
  /** Addresses and accounts in memory whose attempts are counted one by one. Default 100000. */
  throttleKeys?: number | undefined
  /** Verified tokens that are remembered once they come again, and at most 1000 refused ones; 0 remembers none. Default 10000. */
  rememberedTokens?: number | undefined
}

/** How many attempts there may be in a window of time. */
export interface ThrottleLimits {
  /** From one address; of IPv6, from one network of 64 bits. Default 60 in a window. */
  addressAttempts?: number | undefined
  /** For one account, be it there or not. Default 10 in a window. */
  accountAttempts?: number | undefined
  /** From the first attempt on, in milliseconds. Default 60000. */
  windowMs?: number | undefined
}

/**
 * How far a resource is used up until no more should come (soft: connections end behind their answers,
 * no stream begins) or nothing is taken in (hard: 503 `overloaded` to all but health endpoints).
 */
export interface OverloadLimits {
  /**
   * How long the event loop lets what is due wait, in milliseconds. Default a fifth of
   * `loopDelayHardMs`.
   */
  loopDelaySoftMs?: number | undefined
  /** The same. Default 1000. */
  loopDelayHardMs?: number | undefined
  /** Resident memory of the process, in bytes. Default nine tenths of `memoryHardBytes`. */
  memorySoftBytes?: number | undefined
  /** The same. Default nine tenths of what the machine, or the control group, has. */
  memoryHardBytes?: number | undefined
  /** Client connections. Default four fifths of `limits.connections`, which is the hard limit. */
  connectionsSoft?: number | undefined
  /** Requests in flight, without WebSockets. Default four fifths of `requestsHard`. */
  requestsSoft?: number | undefined
  /** The same. Default as `limits.connections`. */
  requestsHard?: number | undefined
}
