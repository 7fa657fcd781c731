export { createGateway } from './gateway.js'
export type { Gateway, GatewayParts } from './gateway-parts.js'
export { DEFAULTS } from './defaults.js'
export { ConfigError, type ConfigProblem } from './config-error.js'
export type { Endpoint, GatewayOptions, SecretOption } from './options.js'
export type {
  HealthChecks,
  RouteOptions,
  ServiceTimeouts,
  TargetOption,
  UpstreamOption,
  UpstreamTlsFiles,
} from './route-options.js'
export type { Resolve } from './proxy/addresses.js'
export { ERRORS, type ErrorCode } from './errors.js'
export { createLog, type Log, type LogEvent, type LogLevel, type LogOptions } from './log.js'
export type { Logger } from './logger.js'
export type { Clock } from './clock.js'
export { StoreError, type Engine } from './stores/engine.js'
export type { User, UserStore } from './users/user-store.js'
export type { IdempotencyStore } from './idempotency/idempotency-store.js'
export type { RevocationLog } from './revocation/revocation-log.js'
export type { PasswordHasher } from './users/passwords.js'
export type { OpenTelemetry } from './tracing/tracing.js'
