// What describes the services behind: for all of them, and for one route alone.

/**
 * Where a service answers: `http://host[:port][/path]`, `https://…` or `unix:/path/of/socket`; with a
 * weight of 1 to 1000 (default 1) that is its share of the requests beside the others.
 */
export type TargetOption = string | { url: string; weight?: number }

/** One target, or several that requests are balanced over. */
export type UpstreamOption = TargetOption | readonly TargetOption[]

/** A service under a path. What is not given is as for the gateway. */
export interface RouteOptions {
  /**
   * Below `/v1/proxy`: `/`, or a path that does not end with a slash. It stands for itself and all
   * below it, compared byte for byte; of several routes the longest path wins.
   */
  path: string
  upstream: UpstreamOption
  /**
   * `optional` lets callers without a token in, with a passport whose `token_status` is `anonymous`; a
   * bad token is refused all the same. Default `required`.
   */
  auth?: 'required' | 'optional' | undefined
  /** The methods that the route has; HEAD comes with GET. Default all. */
  methods?: readonly string[] | undefined
  /** Whether the service sees the path of the route before what is below it. Default true. */
  keepPrefix?: boolean | undefined
  /** The largest request body, in bytes. Default none. */
  bodyBytes?: number | undefined
  /** As `limits.leastBytesPerSecond`. */
  leastBytesPerSecond?: number | undefined
  passAuthorization?: boolean | undefined
  timeouts?: { [K in keyof ServiceTimeouts]: ServiceTimeouts[K] | undefined }
  healthCheck?: { [K in keyof HealthChecks]: HealthChecks[K] | undefined }
  upstreamTls?: UpstreamTlsFiles | undefined
}

/** Each in milliseconds. */
export interface ServiceTimeouts {
  /** How long connecting to the service may take, in milliseconds. Default 3000. */
  connectMs?: number | undefined
  /** How long the service may take to its response headers, in milliseconds. Default 30000. */
  responseHeadersMs?: number | undefined
  /** How long a body may stand still, either way, in milliseconds. Default 30000. */
  idleBodyMs?: number | undefined
  /**
   * How long a body may wait for a reader that takes none of it, in milliseconds. The system tells
   * of a reader's progress only about once a megabyte: less would cut slow ones. Default 300000.
   */
  blockedBodyMs?: number | undefined
  /** How long no byte may move on a WebSocket, either way, in milliseconds. Default 300000. */
  idleTunnelMs?: number | undefined
  /** How long a request may wait for its turn, of its user and again at a target, in milliseconds. Default 5000. */
  targetQueueMs?: number | undefined
}

/** Each target is asked again and again; 200 to 399 in time passes. */
export interface HealthChecks {
  /** The path and query that is asked for. Default none: nothing is checked. */
  path?: string | undefined
  /** Between two checks, in milliseconds. Default 5000. */
  intervalMs?: number | undefined
  /** How long one may take, in milliseconds. Default 2000. */
  timeoutMs?: number | undefined
  /** How many must pass in a row before a target that is down gets requests again. Default 2. */
  healthyAfter?: number | undefined
  /** How many must fail in a row before a target gets no more. Default 3. */
  unhealthyAfter?: number | undefined
}

/** For `https://` targets. Their certificates are always verified. */
export interface UpstreamTlsFiles {
  /** PEM file of the authorities that certify them. Default: those that node trusts. */
  caFile?: string | undefined
  /** PEM file of the certificate that is shown to them. Default none. */
  certFile?: string | undefined
  /** PEM file of its key. Default none. */
  keyFile?: string | undefined
  /** The name that they must prove, and SNI. Default: the host of the URL. */
  serverName?: string | undefined
}
