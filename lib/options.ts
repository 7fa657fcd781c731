import type { Limits, OverloadLimits, ThrottleLimits } from './limits.js'
import type {
  HealthChecks,
  RouteOptions,
  ServiceTimeouts,
  UpstreamOption,
  UpstreamTlsFiles,
} from './route-options.js'

/** What `createGateway` takes. Every problem with it is reported at once, in a `ConfigError`. */
export interface GatewayOptions {
  /**
   * The share of the requests that went well that is logged, from 0 to 1; those that were refused, failed
   * or aborted all are. Default 1.
   */
  logSuccessShare?: number | undefined
  /**
   * The HMAC key of tokens: at least 32 bytes (RFC 7518 Section 3.2); a string is taken as UTF-8.
   * What rests in stores is encrypted with keys derived from it. This, `jwtSecrets` or
   * `jwtSecretsFile` must be given.
   */
  jwtSecret?: string | Uint8Array | undefined
  /** Several such keys, for rotation: the first signs, every one verifies. */
  jwtSecrets?: readonly SecretOption[] | undefined
  /** A JSON file that holds such a list; read again when it changes. */
  jwtSecretsFile?: string | undefined
  /**
   * The secret that passports are signed with: at least 32 bytes, and not one of tokens. Default none:
   * then passports are not signed.
   */
  passportSecret?: string | Uint8Array | undefined
  /** Several such secrets, for rotation: the first signs. */
  passportSecrets?: readonly SecretOption[] | undefined
  /** A JSON file that holds such a list; read again when it changes. */
  passportSecretsFile?: string | undefined
  passport?: {
    /** `request`: a signature is good for one method and path alone. Default `none`. */
    bind?: 'none' | 'request' | undefined
  }
  /**
   * What becomes of a request that carries a header which is the gateway's own: `strip` removes it,
   * `reject` answers 400. Default `strip`.
   */
  onForgery?: 'strip' | 'reject' | undefined
  /** Which endpoints there are under `/v1/auth/`. Default all; `[]`: tokens are only verified. */
  endpoints?: readonly Endpoint[] | undefined
  /** The service behind everything that has no route. Default none: then there must be routes. */
  upstream?: UpstreamOption | undefined
  /** Services under paths of their own. Default none. */
  routes?: readonly RouteOptions[] | undefined
  /**
   * The claim `iss` of new tokens, which a token must then name. Default none: new tokens name
   * `passport-gateway`, and `iss` is not checked.
   */
  issuer?: string | undefined
  /**
   * The claim `aud` of new tokens, which a token must then name. Without it, a token that is for
   * some audience is refused (RFC 7519 Section 4.1.3). Default none.
   */
  audience?: string | undefined
  /** Clock skew forgiven when a token is checked, in seconds. Default 0. */
  toleranceSeconds?: number | undefined
  /**
   * The most that `exp - iat` of a token may be, in seconds, from 60 to 315360000; new ones are made no
   * longer. Default none: then only its `exp` counts.
   */
  maxTokenAgeSeconds?: number | undefined
  /**
   * Where users, idempotency keys and revocations are kept: `memory:`, gone when the process ends;
   * `sqlite:` and a file, for processes of one machine (Node 22.13, or the package `libsql`);
   * `postgres://…` (package `pg`); `redis://…` or `rediss://…` (package `ioredis`). Default `memory:`.
   */
  store?: string | undefined
  /** Where all but the users is kept in its place. Default none: with the users. */
  ephemeralStore?: string | undefined
  /** Whether a store may be a Redis that evicts keys, or has users and no append-only file. Default false. */
  allowVolatileStore?: boolean | undefined
  /** How a store with TLS is verified; without `caFile` by the authorities that node knows. */
  storeTls?: {
    /** PEM file of the authorities that it must be certified by. Default none. */
    caFile?: string | undefined
    /** PEM file of the certificate that is shown to it. Default none. */
    certFile?: string | undefined
    /** PEM file of its key. Default none. */
    keyFile?: string | undefined
  }
  /**
   * How long the store may be away until tokens are refused with 503, as it is not known any more
   * whether they are revoked, in milliseconds. Default none: then what is known holds.
   */
  revocationMaxAgeMs?: number | undefined
  /**
   * Addresses and CIDR ranges of proxies in front, whose `X-Forwarded-*`, `X-Request-Id` and
   * `traceparent` are believed, and with it `tracestate`. Default none.
   */
  trustProxy?: readonly string[] | undefined
  /** Whether the service behind sees `Authorization`. Default false. */
  passAuthorization?: boolean | undefined
  /**
   * Whether a WebSocket may bring its token as `Sec-WebSocket-Protocol: bearer, <token>`, as a browser
   * can set no `Authorization` there. Default false.
   */
  websocketTokens?: boolean | undefined
  signup?: {
    /** What a client may choose as `subscription`; the first is the default. Default `['free']`. */
    plans?: readonly string[] | undefined
    /** The field in which a trusted proxy names the client's country. Default none. */
    countryHeader?: string | undefined
    /** The field in which a trusted proxy names the client's platform. Default none. */
    platformHeader?: string | undefined
  }
  /**
   * A text file of SHA-1 hashes in hexadecimal, sorted, one at the begin of each line, as the downloads of
   * Have I Been Pwned: a new password whose hash is there is refused. Opened anew when it changes.
   * Default none.
   */
  breachedPasswordsFile?: string | undefined
  idempotency?: {
    /** How long an answer is given again, in milliseconds. Default 300000. */
    ttlMs?: number | undefined
  }
  /**
   * How often can be tried to sign up, to log in, to change a password, and to show an `adminToken` that
   * is wrong; each is counted for itself, whatever comes of it. Then 429.
   */
  throttle?: ThrottleLimits | undefined
  timeouts?: ServiceTimeouts & {
    /** How long a client's header section may take to arrive, in milliseconds. Default 8000. */
    clientHeadersMs?: number | undefined
    /** How long the body of a request to `/v1/auth/*` may take to arrive, in milliseconds. Default 10000. */
    clientBodyMs?: number | undefined
    /** How long a password may wait to be hashed, in milliseconds. Default 30000. */
    hashQueueMs?: number | undefined
    /** How long a client's connection may be idle between requests, in milliseconds. Default 65000. */
    keepAliveMs?: number | undefined
    /**
     * How long a connection to the service is kept idle, in milliseconds; less than the service
     * keeps it. Default 4000.
     */
    upstreamKeepAliveMs?: number | undefined
    /** How long the store may take to answer, in milliseconds. Default 2000. */
    storeMs?: number | undefined
    /** How long `close` waits for what is in flight, in milliseconds. Default 10000. */
    shutdownMs?: number | undefined
  }
  limits?: Limits | undefined
  overload?: OverloadLimits | undefined
  healthCheck?: HealthChecks | undefined
  /** When a target is left out because of how it answered requests. */
  ejection?: {
    /** Failures in a row after which it is. Default 5. */
    failures?: number | undefined
    /** For how long, in milliseconds; twice as long each time after. Default 1000. */
    baseMs?: number | undefined
    /** For how long at most, in milliseconds. Default 30000. */
    longestMs?: number | undefined
    /** The share of a service's targets that may be out at once, in percent. Default 67. */
    maxPercent?: number | undefined
  }
  /** When a request that failed is sent to another target. */
  retries?: {
    /** How many others one request may be sent to. Default 2. */
    most?: number | undefined
    /** Such retries for a hundred requests. Default 20. */
    budgetPercent?: number | undefined
    /** The body of a request that is kept for it, in bytes. Default 65536. */
    bodyBytes?: number | undefined
    /** All such bodies together, in bytes; every route has an equal share. Default 16777216. */
    memoryBytes?: number | undefined
  }
  upstreamTls?: UpstreamTlsFiles | undefined
  /** With both files `listen` speaks HTTPS, and takes a new certificate without a restart. */
  tls?: {
    /** PEM file of the certificate, its chain behind it. Default none. */
    certFile?: string | undefined
    /** PEM file of its key. Default none. */
    keyFile?: string | undefined
  }
  /**
   * What operators show as `Authorization: Bearer`: 32 to 512 visible ASCII characters, and no other
   * secret. Default none: then the admin listener, if there is one, shows no users, and listens on this
   * machine alone.
   */
  adminToken?: string | undefined
  /** Where `listen` listens for operators; in plain HTTP, also with `tls`. */
  admin?: {
    /** Default `127.0.0.1`. Without an `adminToken` an address of this machine alone. */
    host?: string | undefined
    /**
     * 0 takes any free one. Default 8081 where there is an `adminToken`, otherwise there is no admin
     * listener.
     */
    port?: number | undefined
  }
  /** What becomes of a request that belongs to no trace (W3C Trace Context). */
  tracing?: {
    /** Whether it begins one. Default true. */
    start?: boolean | undefined
    /** How many of those are marked as sampled, in percent; a tracer decides for itself. Default 100. */
    sampledPercent?: number | undefined
  }
  /**
   * Between two looks whether files of secrets, of `tls` and of breached passwords have changed, in
   * milliseconds. Default 10000.
   */
  filesCheckMs?: number | undefined
}

/** The last part of a path under `/v1/auth/`. */
export type Endpoint = 'signup' | 'login' | 'me' | 'refresh' | 'logout' | 'logout-all' | 'password'

/** One secret of several. */
export interface SecretOption {
  /** How a token points to it: 1 to 64 of A-Z, a-z, 0-9, `.`, `_` and `-`. Default: made from the secret. */
  kid?: string | undefined
  /** At least 32 bytes; a string is taken as UTF-8. */
  secret: string | Uint8Array
  /** From when on it verifies nothing: a date and time of RFC 3339. Not of the first. Default never. */
  notAfter?: string | undefined
}
