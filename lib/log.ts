import { systemClock, type Clock } from './clock.js'

/** How much is logged: each level includes those after it. */
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

/** Everything that is ever logged. No event holds a token, a password, a header value or an error's message. */
export type LogEvent =
  | { event: 'listening'; host: string; port: number }
  /** Where operators are listened to. */
  | { event: 'admin_listening'; host: string; port: number }
  | { event: 'closing' }
  | { event: 'closed'; cutConnections: boolean }
  | {
      event: 'request'
      requestId: string
      method: string
      /** The pattern that matched, never the path. */
      route: string
      status: number
      durationMs: number
      /** The client went away before it had the whole answer. */
      aborted: boolean
      userId?: string
      /** Why the request was refused: a token rejection or an error code. */
      reason?: string
      /** The trace that it belongs to, and the gateway's own part of that (W3C Trace Context). */
      traceId?: string
      spanId?: string
    }
  /** `target` is the URL of the configuration. */
  | { event: 'upstream_failed'; requestId: string; target: string; phase: string; cause: string }
  /** It failed several times in a row and gets no requests for a while. */
  | { event: 'target_ejected'; target: string; forMs: number }
  /** The certificate of the listener has changed; or it has, and cannot be used. */
  | { event: 'tls_reloaded' }
  /** A file of secrets has changed, and `kids` are its keys now; or it has, and cannot be used. */
  | { event: 'secrets_reloaded'; option: string; kids: string }
  | { event: 'secrets_reload_failed'; option: string; cause: string }
  | { event: 'tls_reload_failed'; option: string; cause: string }
  /** The file of breached passwords has changed; or it has, and cannot be used; or it cannot be searched. */
  | { event: 'breached_passwords_reloaded' }
  | { event: 'breached_passwords_reload_failed'; cause: string }
  | { event: 'breached_passwords_failed'; cause: string }
  /** What the health checks found. */
  | { event: 'target_down'; target: string; cause: string }
  | { event: 'target_up'; target: string }
  /** Users are gone when the process ends. */
  | { event: 'store_in_memory' }
  /** The engine that `users`, `ephemeral` state or `all` is kept in. */
  | { event: 'store_opened'; store: string; keeps: string }
  /** It is not known whether the engine of this option keeps what it is given; `cause` is a sentence. */
  | { event: 'store_doubtful'; option: string; cause: string }
  /** It does not answer, or does again. */
  | { event: 'store_down'; store: string; keeps: string }
  | { event: 'store_up'; store: string; keeps: string }
  /** It cannot be opened; `cause` is a sentence without any address. */
  | { event: 'store_open_failed'; store: string; keeps: string; cause: string }
  /** Of what other gateways revoke nothing is heard, though the engine may answer; or it is again. */
  | { event: 'revocations_late'; store: string }
  | { event: 'revocations_current'; store: string }
  /**
   * There is no room for another user whose tokens are revoked (`limits.revocations`): all tokens are
   * refused that were issued until `untilMs`, in Unix milliseconds. Once a minute at most.
   */
  | { event: 'revocations_full'; untilMs: number }
  /**
   * A resource (`loop_delay` in milliseconds, `memory` in bytes, `connections`, `requests`) is used up to
   * its `soft` or `hard` limit; or it is not any more.
   */
  | { event: 'overload_began'; resource: string; level: OverloadLevel; value: number }
  | { event: 'overload_ended'; resource: string; level: OverloadLevel; value: number }
  | { event: 'handler_failed'; requestId: string; error: string; at: string }
  /**
   * What the parser refused, CONNECT, or a connection of an address with too many; `status` is 0 where
   * no answer could be given.
   */
  | { event: 'connection_refused'; status: number; cause: string }

type OverloadLevel = 'soft' | 'hard'

const LEVEL_OF = {
  listening: 'info',
  admin_listening: 'info',
  closing: 'info',
  closed: 'info',
  request: 'info',
  upstream_failed: 'warn',
  target_ejected: 'warn',
  target_down: 'warn',
  target_up: 'info',
  tls_reloaded: 'info',
  tls_reload_failed: 'error',
  secrets_reloaded: 'info',
  secrets_reload_failed: 'error',
  breached_passwords_reloaded: 'info',
  breached_passwords_reload_failed: 'error',
  breached_passwords_failed: 'error',
  store_in_memory: 'warn',
  store_opened: 'info',
  store_doubtful: 'warn',
  store_down: 'error',
  store_up: 'info',
  store_open_failed: 'error',
  revocations_late: 'error',
  revocations_current: 'info',
  revocations_full: 'warn',
  overload_began: 'warn',
  overload_ended: 'info',
  handler_failed: 'error',
  connection_refused: 'info',
} as const satisfies Record<LogEvent['event'], LogLevel>

/** Receives each event; must not throw. */
export type Log = (event: LogEvent) => void

export interface LogOptions {
  /** Default `info`. */
  level?: LogLevel
  /** Default: the clock of this machine. */
  clock?: Pick<Clock, 'now'>
  /** Receives each line, its line feed included. */
  write: (line: string) => void
  /** Lines for a person in place of JSON. Default false. */
  readable?: boolean
}

/** A log that writes one line an event: JSON, or words and `key=value` for a terminal. */
export const createLog = ({
  level = 'info',
  clock = systemClock,
  write,
  readable = false,
}: LogOptions): Log => {
  const threshold = LOG_LEVELS.indexOf(level)
  return (event) => {
    const own = LEVEL_OF[event.event]
    if (LOG_LEVELS.indexOf(own) < threshold) return
    const time = new Date(clock.now()).toISOString()
    write(
      readable
        ? lineForPerson(time, own, event)
        : `{"time":"${time}","level":"${own}",${JSON.stringify(event).slice(1)}\n`,
    )
  }
}

/** What may be said of an unknown error: its name and where it was thrown, never its message. */
export const describeError = (error: unknown): { error: string; at: string } => {
  if (!(error instanceof Error)) return { error: typeof error, at: '' }
  const { name, message, stack = '' } = error
  // A message can have lines that look like frames: only what stands behind it is searched.
  const end = stack.indexOf(message)
  const frame = end < 0 ? null : /^ {4}at .*$/m.exec(stack.slice(end + message.length))
  return { error: name, at: frame ? frame[0].trim() : '' }
}

const lineForPerson = (time: string, level: LogLevel, event: LogEvent): string => {
  const { event: name, ...rest } = event
  const words = Object.entries(rest).map(([key, value]) => `${key}=${printable(value)}`)
  return `${time.slice(11, 23)} ${level.padEnd(5)} ${name} ${words.join(' ')}\n`
}

/** One word for a terminal, as it is where it is plain; else as JSON. */
export const printable = (value: unknown): string => {
  const text = String(value)
  return /^[\x21-\x7e]+$/.test(text) ? text : printableJson(text)
}

/**
 * JSON in which nothing steers a terminal or is read in another order than it stands in: what a token
 * names can hold line feeds, escape sequences and marks of direction. The line feeds of `indent` stay.
 */
export const printableJson = (value: unknown, indent = 0): string =>
  JSON.stringify(value, null, indent).replace(/[^\P{C}\n]|[\p{Zl}\p{Zp}]/gu, (character) =>
    // One escape for each UTF-16 unit, as JSON has them (RFC 8259 Section 7).
    Array.from(
      { length: character.length },
      (_, i) => `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`,
    ).join(''),
  )
