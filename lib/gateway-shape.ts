import * as z from 'zod'
import { adminOptions } from './admin-options.js'
import { DEFAULTS, ENDPOINTS, ISSUER } from './defaults.js'
import { createClientResolver } from './http/client-address.js'
import { limits, overload, throttle } from './limit-shape.js'
import {
  count,
  group,
  integer,
  list,
  LONGEST_TIMER_MS,
  milliseconds,
  optional,
  passes,
  share,
  text,
} from './option-kinds.js'
import { ring, secret } from './secret-options.js'
import { storeOptions } from './store-options.js'
import {
  file,
  healthChecks,
  passAuthorization,
  routes,
  serviceTimeouts,
  targets,
  upstreamTls,
} from './service-options.js'

// RFC 9110 Section 5.1.
const fieldName = text('the name of a header field', /^[\w!#$%&'*+.^`|~-]+$/)

const LONGEST_AGE_SECONDS = 315_360_000 // ten years
const RANGE_RULE = 'must be an IP address or a CIDR range'
const { timeouts, ejection, retries } = DEFAULTS
const BOOLEAN_RULE = 'must be true or false'

const endpoints = z
  .preprocess(
    (value) => (Array.isArray(value) && value.length === 1 && value[0] === 'none' ? [] : value),
    list(z.enum(ENDPOINTS, { error: `must be one of: ${ENDPOINTS.join(', ')}; or none alone` })),
  )
  .default([...ENDPOINTS])
  .meta({
    description: 'which of `/v1/auth/*` there are; `none`: tokens are only verified',
    kind: 'list',
    fallback: ENDPOINTS,
  })

/** Every option of a gateway, its check, default and description. */
export const gatewayShape = {
  logSuccessShare: share(
    DEFAULTS.logSuccessShare,
    'share of the requests that went well that is logged, from 0 to 1; all others are',
  ),
  jwtSecret: secret
    .optional()
    .describe('HMAC key of tokens, at least 32 bytes of UTF-8; or `jwtSecrets`'),
  jwtSecrets: ring.optional().meta({
    description:
      'keys of tokens, a list of `{ kid, secret, notAfter }`: the first signs, every one verifies',
    kind: 'json',
  }),
  jwtSecretsFile: file('JSON file of such a list, read again when it changes; in place of both'),
  passportSecret: secret
    .optional()
    .describe('key that passports are signed with, at least 32 bytes of UTF-8, not one of tokens'),
  passportSecrets: ring.optional().meta({
    description: 'such keys, a list as `jwtSecrets`',
    kind: 'json',
  }),
  passportSecretsFile: file('JSON file of such a list, read again when it changes'),
  passport: group({
    bind: z
      .enum(['none', 'request'], { error: 'must be one of: none, request' })
      .default(DEFAULTS.passport.bind)
      .describe('`request`: a signature is good for one method and path alone'),
  }),
  onForgery: z
    .enum(['strip', 'reject'], { error: 'must be one of: strip, reject' })
    .default(DEFAULTS.onForgery)
    .describe('what becomes of a request with a header of ours: stripped of it, or 400'),
  endpoints: endpoints,
  upstream: targets.optional(),
  routes,
  issuer: text('1 to 255 visible characters', /^[\x21-\x7e]{1,255}$/)
    .optional()
    .describe(`claim \`iss\` of new tokens, and required; without it ${ISSUER} and not checked`),
  audience: text('1 to 255 visible characters', /^[\x21-\x7e]{1,255}$/)
    .optional()
    .describe('claim `aud` of new tokens, and required; without it a token must have none'),
  toleranceSeconds: integer(
    0,
    3600,
    DEFAULTS.toleranceSeconds,
    'clock skew forgiven when a token is checked',
  ),
  maxTokenAgeSeconds: optional(
    integer(60, LONGEST_AGE_SECONDS, 60, ''),
    'most that `exp - iat` of a token may be; without it only its `exp` counts',
  ),
  ...storeOptions,
  trustProxy: list(
    z.string({ error: RANGE_RULE }).refine(
      passes((range) => createClientResolver([range])),
      { error: RANGE_RULE },
    ),
  )
    .default([])
    .describe('addresses and CIDR ranges of proxies whose forwarding fields are believed'),
  passAuthorization,
  websocketTokens: z
    .boolean({ error: BOOLEAN_RULE })
    .default(DEFAULTS.websocketTokens)
    .describe('whether a WebSocket may bring its token in `Sec-WebSocket-Protocol`'),
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
  breachedPasswordsFile: file(
    'sorted text file of SHA-1 hashes; a new password whose hash is there is refused; opened anew when it changes',
  ),
  idempotency: group({
    ttlMs: milliseconds(DEFAULTS.idempotency.ttlMs, 'how long an answer is given again'),
  }),
  throttle,
  timeouts: group({
    ...serviceTimeouts,
    clientHeadersMs: milliseconds(timeouts.clientHeadersMs, "a client's header section"),
    clientBodyMs: milliseconds(timeouts.clientBodyMs, 'the body of a request to `/v1/auth/*`'),
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
    storeMs: milliseconds(timeouts.storeMs, 'an answer of the store'),
    shutdownMs: milliseconds(timeouts.shutdownMs, 'finishing what is in flight at the end'),
  }),
  limits,
  overload,
  healthCheck: group(healthChecks),
  ejection: group({
    failures: count(ejection.failures, 'failures in a row until a target gets no requests'),
    baseMs: milliseconds(ejection.baseMs, 'how long it gets none; twice as long each time after'),
    longestMs: milliseconds(ejection.longestMs, 'how long at most'),
    maxPercent: integer(
      0,
      100,
      ejection.maxPercent,
      "share of a service's targets that may be out at once, in percent; one always stays",
    ),
  }),
  retries: group({
    most: integer(0, 10, retries.most, 'other targets that a failed request may be sent to'),
    budgetPercent: integer(0, 100, retries.budgetPercent, 'such retries for 100 requests'),
    bodyBytes: integer(
      0,
      16_777_216,
      retries.bodyBytes,
      'body of a request that is kept for a retry',
    ),
    memoryBytes: integer(
      0,
      Number.MAX_SAFE_INTEGER,
      retries.memoryBytes,
      'all such bodies together; every route has an equal share',
    ),
  }),
  upstreamTls: group(upstreamTls),
  tls: group({
    certFile: file('PEM file of the certificate to listen with, its chain behind it; for HTTPS'),
    keyFile: file('PEM file of its key'),
  }),
  ...adminOptions,
  tracing: group({
    start: z
      .boolean({ error: BOOLEAN_RULE })
      .default(DEFAULTS.tracing.start)
      .describe('whether a request without a `traceparent` that is believed begins a trace'),
    sampledPercent: integer(
      0,
      100,
      DEFAULTS.tracing.sampledPercent,
      'share of those traces that is marked as sampled, in percent, where `opentelemetry` does not decide',
    ),
  }),
  filesCheckMs: milliseconds(
    DEFAULTS.filesCheckMs,
    'between two looks whether files of secrets, of `tls` and of breached passwords have changed',
  ),
}
