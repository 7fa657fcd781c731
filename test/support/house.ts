// The rooms of the house, and who may import whom.

/** What any file may import. */
export const FOUNDATION = [
  'lib/clock',
  'lib/errors',
  'lib/log',
  'lib/log-events',
  'lib/log-line',
  'lib/log-sample',
]
/** What puts the rooms together. */
export const COMPOSITION = [
  'lib/admin-listener',
  'lib/admin-options',
  'lib/auth-routes',
  'lib/breached-file',
  'lib/config',
  'lib/config-error',
  'lib/config-view',
  'lib/configured-stores',
  'lib/defaults',
  'lib/drivers',
  'lib/event-metrics',
  'lib/explain',
  'lib/file-watch',
  'lib/gateway',
  'lib/gateway-log',
  'lib/gateway-metrics',
  'lib/gateway-overload',
  'lib/gateway-parts',
  'lib/gateway-shape',
  'lib/gateway-state',
  'lib/identities',
  'lib/inspect',
  'lib/keys',
  'lib/limit-shape',
  'lib/limits',
  'lib/listener',
  'lib/logger',
  'lib/mint',
  'lib/option-kinds',
  'lib/option-list',
  'lib/options',
  'lib/part-metrics',
  'lib/process-metrics',
  'lib/proxied-routes',
  'lib/route-options',
  'lib/secret-options',
  'lib/secrets',
  'lib/service-options',
  'lib/shared-memory',
  'lib/state',
  'lib/store-choice',
  'lib/store-options',
  'lib/store-url',
  'lib/store-watch',
  'lib/timed-engine',
  'lib/tls-files',
  'lib/tls-watch',
  'lib/upstream-metrics',
  'lib/version',
]
const INTERFACES = [
  'lib/users/user-store',
  'lib/idempotency/idempotency-store',
  'lib/revocation/revocation-store',
  'lib/revocation/revocation-log',
  'lib/throttle/throttle-store',
]

/** A room, and what its files may import beside the foundation: files, or rooms ending in `/`. */
export const TABLE: Record<string, readonly string[]> = {
  'lib/http/': ['lib/http/'],
  'lib/jwt/': ['lib/jwt/'],
  'lib/passport/': ['lib/passport/'],
  'lib/users/': ['lib/users/'],
  'lib/idempotency/': ['lib/idempotency/'],
  'lib/revocation/': ['lib/revocation/'],
  'lib/throttle/': ['lib/throttle/'],
  'lib/overload/': ['lib/overload/'],
  'lib/metrics/': ['lib/metrics/'],
  'lib/tracing/': ['lib/tracing/', 'lib/http/'],
  'lib/stores/': ['lib/stores/', ...INTERFACES],
  'lib/auth/': 'auth http jwt passport users idempotency revocation throttle'
    .split(' ')
    .map((room) => `lib/${room}/`),
  'lib/proxy/': ['lib/proxy/', 'lib/http/'],
  'lib/admin/': ['lib/admin/', 'lib/http/', 'lib/metrics/', 'lib/users/'],
  'lib/workers/': ['lib/workers/', 'lib/admin/', 'lib/metrics/', 'lib/stores/'],
  'bin/': [
    ...COMPOSITION,
    'bin/',
    'lib/workers/',
    'lib/admin/snapshot',
    'lib/passport/index',
    'lib/stores/engine',
  ],
}

/** Packages, and the files that may import each. */
export const PACKAGES: Record<string, readonly string[]> = {
  bcrypt: ['lib/users/passwords'],
  zod: [
    'lib/config',
    'lib/gateway-shape',
    'lib/gateway-state',
    'lib/option-kinds',
    'lib/option-list',
    'lib/secret-options',
    'lib/service-options',
    'lib/store-options',
  ],
}
