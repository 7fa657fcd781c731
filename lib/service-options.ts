import { METHODS } from 'node:http'
import { isIP } from 'node:net'
import * as z from 'zod'
import { parseTarget } from './http/target.js'
import { count, integer, list, milliseconds, partial, passes, text } from './option-kinds.js'
import { parseTargetUrl, TARGET_URL_RULE } from './proxy/target-url.js'

// The options of the services behind: what may stand for all of them, and for one route alone.

/** What they are when nobody says otherwise. Durations are milliseconds, sizes bytes. */
export const SERVICE_DEFAULTS = {
  passAuthorization: false,
  leastBytesPerSecond: 240,
  timeouts: {
    connectMs: 3_000,
    responseHeadersMs: 30_000,
    idleBodyMs: 30_000,
    blockedBodyMs: 300_000,
    idleTunnelMs: 300_000,
    targetQueueMs: 5_000,
  },
  healthCheck: { intervalMs: 5_000, timeoutMs: 2_000, healthyAfter: 2, unhealthyAfter: 3 },
  route: { auth: 'required', keepPrefix: true },
  weight: 1,
} as const

const { timeouts, healthCheck } = SERVICE_DEFAULTS

export const passAuthorization = z
  .boolean({ error: 'must be true or false' })
  .default(SERVICE_DEFAULTS.passAuthorization)
  .describe('whether the service behind sees `Authorization`')

export const leastBytesPerSecond = integer(
  0,
  1_073_741_824,
  SERVICE_DEFAULTS.leastBytesPerSecond,
  'how fast a client must send a body, and take one that waits for it; 0 lets it take its time',
)

/** Each with its default; of a route they are optional, and what is not given is the gateway's. */
export const serviceTimeouts = {
  connectMs: milliseconds(timeouts.connectMs, 'connecting to the service'),
  responseHeadersMs: milliseconds(timeouts.responseHeadersMs, 'to its response headers'),
  idleBodyMs: milliseconds(timeouts.idleBodyMs, 'a body that stands still, either way'),
  blockedBodyMs: milliseconds(timeouts.blockedBodyMs, 'a body whose reader takes none of it'),
  idleTunnelMs: milliseconds(timeouts.idleTunnelMs, 'a WebSocket on which no byte moves'),
  targetQueueMs: milliseconds(
    timeouts.targetQueueMs,
    'a request waiting for its turn, of its user and again at a target',
  ),
}

export const healthChecks = {
  path: text('a path that begins with /', /^\/[\x21-\x7e]*$/)
    .optional()
    .describe('path and query that each target is asked for; without it none is checked'),
  intervalMs: milliseconds(healthCheck.intervalMs, 'between two checks of a target'),
  timeoutMs: milliseconds(healthCheck.timeoutMs, 'one check'),
  healthyAfter: count(healthCheck.healthyAfter, 'checks passed in a row until it gets requests'),
  unhealthyAfter: count(healthCheck.unhealthyAfter, 'checks failed in a row until it gets none'),
}

const target = z.preprocess(
  (value) => (typeof value === 'string' ? { url: value } : value),
  z.strictObject(
    {
      url: z
        .string({ error: TARGET_URL_RULE })
        .refine(passes(parseTargetUrl), { error: TARGET_URL_RULE }),
      weight: integer(1, 1_000, SERVICE_DEFAULTS.weight, 'share of the requests'),
    },
    { error: TARGET_URL_RULE },
  ),
)

/** A URL, or a list of URLs and of `{ url, weight }`. */
export const targets = z
  .preprocess(
    (value) => (value === undefined ? value : [value].flat()),
    z.array(target, { error: 'must be given' }).min(1, { error: 'must not be empty' }),
  )
  .meta({
    description: 'URL of the service behind, or a list: one for each of its targets',
    kind: 'list',
  })

export const file = (description: string) =>
  text('the path of a file', /^[^\0]+$/)
    .optional()
    .describe(description)

export const upstreamTls = {
  caFile: file('PEM file of the authorities that an https:// target must be certified by'),
  certFile: file('PEM file of the certificate that is shown to an https:// target'),
  keyFile: file('PEM file of its key'),
  serverName: text('a host name', /^[a-z0-9.-]{1,253}$/i)
    .refine((name) => isIP(name) === 0, { error: 'must be a host name' })
    .optional()
    .describe("name that an https:// target must prove, and SNI; without it the URL's host"),
}

const CARRIED_METHODS = METHODS.filter((method) => method !== 'CONNECT' && method !== 'TRACE')

const PATH_RULE = 'must be / or a path as requests have it, and not end with a slash or /*'

const isRoutable = (path: string): boolean =>
  parseTarget(path, undefined)?.path === path && (path === '/' || !/\/\*?$/.test(path))

const routeShape = {
  path: z.string({ error: PATH_RULE }).refine(isRoutable, { error: PATH_RULE }),
  upstream: targets,
  auth: z
    .enum(['required', 'optional'], { error: 'must be one of: required, optional' })
    .default(SERVICE_DEFAULTS.route.auth),
  methods: list(z.enum(CARRIED_METHODS, { error: 'must be a method of HTTP, in capitals' }))
    .min(1, { error: 'must not be empty' })
    .optional(),
  keepPrefix: z
    .boolean({ error: 'must be true or false' })
    .default(SERVICE_DEFAULTS.route.keepPrefix),
  bodyBytes: count(0, '').removeDefault().optional(),
  leastBytesPerSecond: leastBytesPerSecond.removeDefault().optional(),
  passAuthorization: passAuthorization.removeDefault().optional(),
  timeouts: partial(serviceTimeouts),
  healthCheck: partial(healthChecks),
  upstreamTls: partial(upstreamTls),
}

/** The options of a route, by their names. */
export const ROUTE_OPTIONS = Object.keys(routeShape)

export const routes = z
  .array(z.strictObject(routeShape, { error: 'must be a group of options' }), {
    error: 'must be a list',
  })
  .default([])
  .meta({
    description: 'services by path, a list; the longest path that a request begins with wins',
    kind: 'json',
  })
