/** How much of everything there may be. */
export interface Limits {
  /** Header lines in a request. Default 100, from 16 to 500. */
  headerCount?: number | undefined
  /** The header section of a request, in bytes. Default 16384, from 1024 to 1048576. */
  headerBytes?: number | undefined
  /** The body of a request to `/v1/auth/*`, in bytes. Default 16384. */
  bodyBytes?: number | undefined
  /** Client connections at once. Default 10000. */
  connections?: number | undefined
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
  /** Verified tokens that are remembered; 0 remembers none. Default 10000. */
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
