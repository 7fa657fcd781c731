import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Fellows } from './admin/fellows.js'
import type { Clock } from './clock.js'
import type { LogParts } from './gateway-log.js'
import type { Resolve } from './proxy/addresses.js'
import type { Engine } from './stores/engine.js'
import type { OpenTelemetry } from './tracing/tracing.js'
import type { PasswordHasher } from './users/passwords.js'

/** Where the value of an option came from: a flag, a variable, a file; `undefined` where nobody gave it. */
export type SourceOf = (option: string) => string | undefined

/** Where a listener can be reached. */
export interface Address {
  host: string
  port: number
}

/** What a program, or a test, can put in place of the gateway's own parts. */
export interface GatewayParts extends LogParts {
  /** Default: the clock of this machine. */
  clock?: Clock
  /** Makes and compares hashes in the format of bcrypt. Default: `bcrypt`. */
  passwordHasher?: PasswordHasher
  /** Where users, idempotency keys and revocations are kept, in place of the option of this name. */
  store?: Engine
  /** Where idempotency keys and revocations are kept, in place of the option of this name. */
  ephemeralStore?: Engine
  /** Says where the value of an option came from, for `GET /config`. Default: `options`, or `default`. */
  sourceOf?: SourceOf
  /** Resolves the names of targets, as `dns.lookup` does with `all`. Default: `dns.lookup`. */
  resolve?: Resolve
  /** The package `@opentelemetry/api`, where requests are to be spans. Default none. */
  opentelemetry?: OpenTelemetry
  /** The processes that serve the same address, whom operators see as one. Default: this one is alone. */
  fellows?: Fellows
}

export interface Gateway {
  /** For a server of your own: `http.createServer(gateway.handler)`. */
  readonly handler: (request: IncomingMessage, response: ServerResponse) => void
  /** Beside it, so that upgrades are carried: `server.on('upgrade', gateway.upgradeHandler)`. */
  readonly upgradeHandler: (request: IncomingMessage, socket: Duplex, head: Buffer) => void
  /**
   * Listens, with `adminToken` or `admin.port` on the address of `admin` too; rejects when a port is taken, and then
   * listens on neither (`listener` of the error is `admin` if that one was it). `host` is `127.0.0.1`
   * by default, and port 0 takes any free one. First it waits for the stores to be open, ten seconds at
   * most, and rejects with a `StoreError` where one is not. Call it once.
   */
  listen(port: number, host?: string): Promise<Address & { admin?: Address }>
  /**
   * Looks now whether files of secrets, of `tls` or of breached passwords have changed, as it does every
   * `filesCheckMs`. What cannot be used is logged, and the old stays.
   */
  reload(): void
  /**
   * Stops accepting, finishes what is in flight within `timeouts.shutdownMs`, and cuts the rest. A
   * server of your own goes on accepting: call its `close` first, and do not wait for it. Where another
   * process goes on in its place, `idleMs` leaves a client that keeps its connection so long to ask once
   * more, and be told to open another one: by default it is closed as soon as nothing is owed on it.
   */
  close(options?: { idleMs?: number }): Promise<void>
}
