import { z } from 'zod'
import { ConfigError, type ConfigProblem } from './config-error.js'
import { createClientResolver } from './http/client-address.js'
import { SECRET_MIN_BYTES } from './jwt/key-ring.js'
import { LOG_LEVELS } from './log.js'
import {
  count,
  group,
  integer,
  list,
  LONGEST_TIMER_MS,
  milliseconds,
  passes,
  text,
} from './option-kinds.js'
import { parseUpstreamUrl } from './proxy/upstream.js'

/** What every option is when nobody says otherwise. Durations are milliseconds, sizes bytes. */
export const DEFAULTS = {
  host: '127.0.0.1',
  port: 8080,
  logLevel: 'info',
  issuer: 'passport-gateway',
  toleranceSeconds: 0,
  passAuthorization: false,
  idempotency: { ttlMs: 300_000 },
  timeouts: {
    connectMs: 3_000,
    responseHeadersMs: 30_000,
    idleBodyMs: 30_000,
    blockedBodyMs: 300_000,
    clientHeadersMs: 10_000,
    clientBodyMs: 10_000,
    hashQueueMs: 30_000,
    keepAliveMs: 65_000,
    upstreamKeepAliveMs: 4_000,
    shutdownMs: 10_000,
  },
  limits: {
    headerCount: 100,
    headerBytes: 16_384,
    bodyBytes: 16_384,
    connections: 10_000,
    pipelinedRequests: 64,
    hashQueue: 1_000,
    users: 1_000_000,
    idempotencyEntries: 100_000,
    idempotencyBytes: 67_108_864,
    rememberedTokens: 10_000,
  },
} as const

// RFC 9110 Section 5.1.
const fieldName = text('the name of a header field', /^[\w!#$%&'*+.^`|~-]+$/)

const SECRET_RULE = `must have at least ${SECRET_MIN_BYTES} bytes`
const URL_RULE = 'must be an http:// URL without credentials, query and fragment'
const RANGE_RULE = 'must be an IP address or a CIDR range'
const { timeouts, limits } = DEFAULTS

const gatewayShape = {
  jwtSecret: z
    .union([z.string(), z.instanceof(Uint8Array)], { error: SECRET_RULE })
    .transform((secret) =>
      typeof secret === 'string' ? new TextEncoder().encode(secret) : Uint8Array.from(secret),
    )
    .refine((secret) => secret.byteLength >= SECRET_MIN_BYTES, { error: SECRET_RULE })
    .describe(
      'HMAC key of tokens, at least 32 bytes of UTF-8; for the command only from the environment',
    ),
  upstream: z
    .string({ error: URL_RULE })
    .refine(passes(parseUpstreamUrl), { error: URL_RULE })
    .describe('URL of the service behind'),
  issuer: text('1 to 255 visible characters', /^[\x21-\x7e]{1,255}$/)
    .default(DEFAULTS.issuer)
    .describe('claim `iss` of new tokens'),
  audience: text('1 to 255 visible characters', /^[\x21-\x7e]{1,255}$/)
    .optional()
    .describe('claim `aud` of new tokens, and required; without it a token must have none'),
  toleranceSeconds: integer(
    0,
    3600,
    DEFAULTS.toleranceSeconds,
    'clock skew forgiven when a token is checked',
  ),
  trustProxy: list(
    z.string({ error: RANGE_RULE }).refine(
      passes((range) => createClientResolver([range])),
      { error: RANGE_RULE },
    ),
  )
    .default([])
    .describe('addresses and CIDR ranges of proxies whose forwarding fields are believed'),
  passAuthorization: z
    .boolean({ error: 'must be true or false' })
    .default(DEFAULTS.passAuthorization)
    .describe('whether the service behind sees `Authorization`'),
  signup: group({
    plans: list(text('1 to 64 visible characters', /^[\x21-\x7e]{1,64}$/))
      .min(1, { error: 'must name at least one plan' })
      .default(['free'])
      .describe('what a client may choose as `subscription`; the first is the default'),
    countryHeader: fieldName
      .optional()
      .describe("field in which a proxy of `trustProxy` names the client's country"),
    platformHeader: fieldName
      .optional()
      .describe("field in which a proxy of `trustProxy` names the client's platform"),
  }),
  idempotency: group({
    ttlMs: milliseconds(DEFAULTS.idempotency.ttlMs, 'how long an answer is given again'),
  }),
  timeouts: group({
    connectMs: milliseconds(timeouts.connectMs, 'connecting to the service'),
    responseHeadersMs: milliseconds(timeouts.responseHeadersMs, 'to its response headers'),
    idleBodyMs: milliseconds(timeouts.idleBodyMs, 'a body that stands still, either way'),
    blockedBodyMs: milliseconds(timeouts.blockedBodyMs, 'a body whose reader takes none of it'),
    clientHeadersMs: milliseconds(timeouts.clientHeadersMs, "a client's header section"),
    clientBodyMs: milliseconds(timeouts.clientBodyMs, 'the body of a signup or login'),
    hashQueueMs: milliseconds(timeouts.hashQueueMs, 'a password waiting to be hashed'),
    // Node adds a second to it.
    keepAliveMs: integer(
      1,
      LONGEST_TIMER_MS - 1_000,
      timeouts.keepAliveMs,
      "a client's idle connection",
    ),
    upstreamKeepAliveMs: milliseconds(
      timeouts.upstreamKeepAliveMs,
      'an idle connection to the service; less than the service keeps it',
    ),
    shutdownMs: milliseconds(timeouts.shutdownMs, 'finishing what is in flight at the end'),
  }),
  limits: group({
    headerCount: integer(16, 500, limits.headerCount, 'header lines in a request'),
    headerBytes: integer(1_024, 1_048_576, limits.headerBytes, 'header section of a request'),
    bodyBytes: count(limits.bodyBytes, 'body of a signup or login'),
    connections: count(limits.connections, 'client connections at once'),
    pipelinedRequests: count(
      limits.pipelinedRequests,
      'requests waiting behind another on one connection',
    ),
    hashQueue: count(limits.hashQueue, 'passwords waiting to be hashed'),
    users: count(limits.users, 'users in memory'),
    idempotencyEntries: count(limits.idempotencyEntries, 'idempotency keys in memory'),
    idempotencyBytes: count(limits.idempotencyBytes, 'idempotency keys and answers in memory'),
    rememberedTokens: integer(
      0,
      10_000_000,
      limits.rememberedTokens,
      'verified tokens that are remembered; 0 remembers none',
    ),
  }),
}

const gatewaySchema = z.strictObject(gatewayShape, { error: 'must be an object' })

/** Every option, its check, default and description. */
export const settingsSchema = z.strictObject({
  host: z
    .string({ error: 'must be a host name or address' })
    .min(1, { error: 'must not be empty' })
    .default(DEFAULTS.host)
    .describe('address to listen on'),
  port: integer(0, 65_535, DEFAULTS.port, 'port to listen on; 0 takes any'),
  logLevel: z
    .enum(LOG_LEVELS, { error: `must be one of: ${LOG_LEVELS.join(', ')}` })
    .default(DEFAULTS.logLevel)
    .describe('least level that is logged'),
  ...gatewayShape,
})

/** Options of a gateway, complete and checked. */
export type Config = z.output<typeof gatewaySchema>

/** What the command line makes of flags, environment and file. */
export type Settings = z.output<typeof settingsSchema>

/** @throws ConfigError with every problem */
export const parseOptions = (options: unknown): Config => parse(gatewaySchema, options)

/** @throws ConfigError with every problem */
export const parseSettings = (settings: unknown): Settings => parse(settingsSchema, settings)

const parse = <T>(schema: z.ZodType<T>, value: unknown): T => {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  throw new ConfigError(result.error.issues.flatMap(problemsOf))
}

const problemsOf = (issue: z.core.$ZodIssue): ConfigProblem[] => {
  const path = issue.path.map(String)
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({ option: [...path, key].join('.'), detail: 'is no option' }))
  return [{ option: path.join('.') || 'options', detail: issue.message }]
}
