import type { LogLevel } from './log-levels.js'

/** What a field holds; one whose kind ends in `?` is not always there. */
type Kind = 'string' | 'number' | 'boolean' | 'soft|hard' | 'string?' | 'number?'

interface EventRow {
  level: Exclude<LogLevel, 'silent'>
  fields: Readonly<Record<string, Kind>>
  /** What it tells, in Markdown. */
  tells: string
}

const ofOption = { option: 'string', cause: 'string' } as const
const store = { store: 'string', keeps: 'string' } as const
const overload = { resource: 'string', limit: 'soft|hard', value: 'number' } as const

/** Everything that is ever logged. No event holds a token, a password, a header value or an error's message. */
export const EVENTS = {
  request: {
    level: 'info',
    fields: {
      requestId: 'string',
      method: 'string',
      route: 'string',
      status: 'number',
      durationMs: 'number',
      aborted: 'boolean',
      userId: 'string?',
      reason: 'string?',
      traceId: 'string?',
      spanId: 'string?',
      sampled: 'number?',
    },
    tells:
      'one request is over; `route` is the pattern, never the path, `aborted`: the client went away before it had the whole answer, `reason`: why it was refused, `traceId` and `spanId`: its trace, and the own part of the gateway in that, `sampled`: the share of such lines that is logged, where not all are',
  },
  listening: {
    level: 'info',
    fields: { host: 'string', port: 'number' },
    tells: 'requests are taken in',
  },
  admin_listening: {
    level: 'info',
    fields: { host: 'string', port: 'number' },
    tells: 'where operators are listened to',
  },
  closing: { level: 'info', fields: {}, tells: 'no more is taken in' },
  closed: {
    level: 'info',
    fields: { cutConnections: 'boolean' },
    tells: 'the end; whether something in flight had to be cut',
  },
  log_dropped: {
    level: 'error',
    fields: { lines: 'number', successes: 'number' },
    tells:
      'so many lines were not written, as nobody took them; `successes` were of requests that went well',
  },
  log_level_changed: {
    level: 'info',
    fields: { from: 'string', to: 'string' },
    tells: 'the file of `--config` was read again; logged if either level has it',
  },
  config_reload_failed: {
    level: 'error',
    fields: { cause: 'string' },
    tells: 'it was, and cannot be used; the old level, or the old workers, stay',
  },
  worker_started: {
    level: 'info',
    fields: { worker: 'number', processId: 'number' },
    tells: 'a worker takes requests in',
  },
  worker_ended: {
    level: 'error',
    fields: { worker: 'number', cause: 'string' },
    tells: 'it ended without being told to, with this exit status or signal, and is replaced',
  },
  worker_restarting: {
    level: 'warn',
    fields: { worker: 'number', inMs: 'number' },
    tells: 'it ended soon again, and is replaced after a while',
  },
  worker_start_failed: {
    level: 'error',
    fields: { worker: 'number', cause: 'string' },
    tells: 'a new worker did not come up; where it was to replace another, that stays',
  },
  workers_replaced: { level: 'info', fields: { workers: 'number' }, tells: 'on SIGHUP, all' },
  upstream_failed: {
    level: 'warn',
    fields: { requestId: 'string', target: 'string', phase: 'string', cause: 'string' },
    tells: 'what a service did wrong; `target` is the URL of the configuration',
  },
  target_ejected: {
    level: 'warn',
    fields: { target: 'string', forMs: 'number' },
    tells: 'it failed several times in a row and gets no requests for a while',
  },
  target_down: {
    level: 'warn',
    fields: { target: 'string', cause: 'string' },
    tells: 'its health checks failed, and it gets no requests',
  },
  target_up: { level: 'info', fields: { target: 'string' }, tells: 'it gets requests again' },
  connection_refused: {
    level: 'info',
    fields: { status: 'number', cause: 'string' },
    tells:
      'what the parser refused, CONNECT, or a connection of an address with too many; `status` is 0 where no answer could be given',
  },
  overload_began: {
    level: 'warn',
    fields: overload,
    tells:
      'a resource (`loop_delay` in milliseconds, `memory` in bytes, `connections`, `requests`) is used up to this limit',
  },
  overload_ended: { level: 'info', fields: overload, tells: 'it is not any more' },
  tracing_failed: {
    level: 'error',
    fields: { error: 'string', at: 'string' },
    tells: '`opentelemetry` has thrown, and no request fails by it: what, and where',
  },
  handler_failed: {
    level: 'error',
    fields: { requestId: 'string', error: 'string', at: 'string' },
    tells: 'the gateway failed: the name of the error and where it was thrown',
  },
  tls_reloaded: { level: 'info', fields: {}, tells: 'a new certificate of the listener is used' },
  tls_reload_failed: {
    level: 'error',
    fields: ofOption,
    tells: 'a new certificate cannot be used; the old one stays',
  },
  secrets_reloaded: {
    level: 'info',
    fields: { option: 'string', kids: 'string' },
    tells: 'a file of secrets has changed; `kids` are its keys now',
  },
  secrets_reload_failed: {
    level: 'error',
    fields: ofOption,
    tells: 'it has, and cannot be used; the old ones stay',
  },
  breached_passwords_reloaded: {
    level: 'info',
    fields: {},
    tells: 'a new file of breached passwords is used',
  },
  breached_passwords_reload_failed: {
    level: 'error',
    fields: { cause: 'string' },
    tells: 'a new one cannot be used; the old one stays',
  },
  breached_passwords_failed: {
    level: 'error',
    fields: { cause: 'string' },
    tells: 'it cannot be searched; once for each file',
  },
  store_in_memory: {
    level: 'warn',
    fields: {},
    tells: 'users are gone when the process ends',
  },
  store_opened: {
    level: 'info',
    fields: store,
    tells: 'the engine that `users`, `ephemeral` state or `all` is kept in',
  },
  store_open_failed: {
    level: 'error',
    fields: { ...store, cause: 'string' },
    tells: 'it cannot be opened; `cause` is a sentence without any address',
  },
  store_doubtful: {
    level: 'warn',
    fields: ofOption,
    tells: 'it is not known whether the engine of this option keeps what it is given',
  },
  store_down: { level: 'error', fields: store, tells: 'it does not answer' },
  store_up: { level: 'info', fields: store, tells: 'it answers again' },
  revocations_late: {
    level: 'error',
    fields: { store: 'string' },
    tells: 'of what other gateways revoke nothing is heard, though the engine may answer',
  },
  revocations_current: { level: 'info', fields: { store: 'string' }, tells: 'it is heard again' },
  revocations_full: {
    level: 'warn',
    fields: { untilMs: 'number' },
    tells:
      'there is no room for another user whose tokens are revoked (`limits.revocations`): all tokens are refused that were issued until then, in Unix milliseconds; once a minute at most',
  },
} as const satisfies Record<string, EventRow>

type Events = typeof EVENTS
type Value<K> = K extends `${infer Present}?`
  ? Value<Present>
  : K extends 'number'
    ? number
    : K extends 'boolean'
      ? boolean
      : K extends 'soft|hard'
        ? 'soft' | 'hard'
        : string
type Always<F> = { [K in keyof F]: F[K] extends `${string}?` ? never : K }[keyof F]
type Fields<F> = { -readonly [K in Always<F>]: Value<F[K]> } & {
  -readonly [K in Exclude<keyof F, Always<F>>]?: Value<F[K]>
}

export type LogEvent = {
  [Name in keyof Events]: Flat<{ event: Name } & Fields<Events[Name]['fields']>>
}[keyof Events]
type Flat<T> = { [K in keyof T]: T[K] }

/** Of which kind of file an event tells that it has changed, and whether that was taken; `undefined` of others. */
export const reloadOf = ({ event }: LogEvent): { kind: string; isTaken: boolean } | undefined => {
  const [, kind, outcome] = /^(.+)_(reloaded|reload_failed)$/.exec(event) ?? []
  return kind === undefined ? undefined : { kind, isTaken: outcome === 'reloaded' }
}
