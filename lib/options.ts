/** What `createGateway` takes. Every problem with it is reported at once, in a `ConfigError`. */
export interface GatewayOptions {
  /**
   * The HMAC key of tokens: at least 32 bytes (RFC 7518 Section 3.2); a string is taken as UTF-8.
   * What rests in stores is encrypted with keys derived from it.
   */
  jwtSecret: string | Uint8Array
  /** The URL of the service behind: `http://host[:port][/path]`. */
  upstream: string
  /** The claim `iss` of new tokens. Default `passport-gateway`. */
  issuer?: string
  /**
   * The claim `aud` of new tokens, which a token must then name. Without it, a token that is for
   * some audience is refused (RFC 7519 Section 4.1.3). Default none.
   */
  audience?: string | undefined
  /** Clock skew forgiven when a token is checked, in seconds. Default 0. */
  toleranceSeconds?: number
  /**
   * Addresses and CIDR ranges of proxies in front, whose `X-Forwarded-*`, `X-Request-Id` and
   * `traceparent` are believed. Default none.
   */
  trustProxy?: readonly string[]
  /** Whether the service behind sees `Authorization`. Default false. */
  passAuthorization?: boolean
  signup?: {
    /** What a client may choose as `subscription`; the first is the default. Default `['free']`. */
    plans?: readonly string[]
    /** The field in which a trusted proxy names the client's country. Default none. */
    countryHeader?: string | undefined
    /** The field in which a trusted proxy names the client's platform. Default none. */
    platformHeader?: string | undefined
  }
  idempotency?: {
    /** How long an answer is given again, in milliseconds. Default 300000. */
    ttlMs?: number
  }
  timeouts?: {
    /** How long connecting to the service may take, in milliseconds. Default 3000. */
    connectMs?: number
    /** How long the service may take to its response headers, in milliseconds. Default 30000. */
    responseHeadersMs?: number
    /** How long a body may stand still, either way, in milliseconds. Default 30000. */
    idleBodyMs?: number
    /**
     * How long a body may wait for a reader that takes none of it, in milliseconds. The system tells
     * of a reader's progress only about once a megabyte: less would cut slow ones. Default 300000.
     */
    blockedBodyMs?: number
    /** How long a client's header section may take to arrive, in milliseconds. Default 10000. */
    clientHeadersMs?: number
    /** How long the body of a signup or login may take to arrive, in milliseconds. Default 10000. */
    clientBodyMs?: number
    /** How long a password may wait to be hashed, in milliseconds. Default 30000. */
    hashQueueMs?: number
    /** How long a client's connection may be idle between requests, in milliseconds. Default 65000. */
    keepAliveMs?: number
    /**
     * How long a connection to the service is kept idle, in milliseconds; less than the service
     * keeps it. Default 4000.
     */
    upstreamKeepAliveMs?: number
    /** How long `close` waits for what is in flight, in milliseconds. Default 10000. */
    shutdownMs?: number
  }
  limits?: {
    /** Header lines in a request. Default 100, from 16 to 500. */
    headerCount?: number
    /** The header section of a request, in bytes. Default 16384, from 1024 to 1048576. */
    headerBytes?: number
    /** The body of a signup or login, in bytes. Default 16384. */
    bodyBytes?: number
    /** Client connections at once. Default 10000. */
    connections?: number
    /** Requests that may wait behind another on one connection. Default 64. */
    pipelinedRequests?: number
    /** Passwords that may wait to be hashed. Default 1000. */
    hashQueue?: number
    /** Users in memory. Default 1000000. */
    users?: number
    /** Idempotency keys in memory. Default 100000. */
    idempotencyEntries?: number
    /** Idempotency keys and their answers in memory, in bytes. Default 67108864. */
    idempotencyBytes?: number
    /** Verified tokens that are remembered; 0 remembers none. Default 10000. */
    rememberedTokens?: number
  }
}
