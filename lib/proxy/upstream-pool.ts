import { isIP, type LookupFunction, type TcpNetConnectOpts } from 'node:net'
import type { ConnectionOptions, SecureContextOptions } from 'node:tls'
import type { Deadline, Deadlines } from '../http/deadlines.js'
import type { Departures } from '../http/departures.js'
import type { TargetAddress } from './target-url.js'
import { Connection } from './upstream-connection.js'

/** How TLS is spoken to a target. */
export interface TargetTls extends Pick<SecureContextOptions, 'ca' | 'cert' | 'key'> {
  /** The name that the certificate must have, and that is sent as SNI. */
  servername?: string
}

export interface UpstreamPoolOptions {
  address: TargetAddress
  /** How long an idle connection is kept, in milliseconds. */
  keepAliveMs: number
  lookup: LookupFunction
  tls: TargetTls
  deadlines: Deadlines
  departures: Departures
  /** Where the answers of many connections are read to, one after another. */
  readBuffer: Buffer
}

/**
 * The connections to one target. The one used last is used first: it is the least likely to have been
 * closed by the other side. There are no more idle ones than there were requests within two
 * turns of the event loop.
 */
export interface UpstreamPool {
  /** By which requests go out on the connections. */
  readonly departures: Departures
  /** A kept connection, or a new one where there is none. */
  take(): Connection
  /** A new one, which is not kept; its socket can be used as a stream. */
  open(): Connection
  /** Keeps one that is in use no more, for at most `limitMs` milliseconds. */
  keep(connection: Connection, limitMs: number): void
  /** Closes what is idle, and keeps nothing any more. */
  close(): void
}

export const createUpstreamPool = (options: UpstreamPoolOptions): UpstreamPool => {
  const { address, keepAliveMs, deadlines, readBuffer } = options
  const isSecure = address.protocol === 'https:'
  const connectOptions = { ...address.connect, lookup: options.lookup }
  const secureOptions = {
    ...connectOptions,
    // An address is sent to no server (RFC 6066 Section 3).
    ...('host' in address.connect && !isIP(address.connect.host)
      ? { servername: address.connect.host }
      : {}),
    ALPNProtocols: ['http/1.1'],
    ...options.tls,
    rejectUnauthorized: true,
  }
  const into = isSecure ? undefined : readBuffer
  const idle: Array<{ connection: Connection; deadline: Deadline }> = []
  let isClosed = false
  /** Of the last handshake, so that the next one is shorter. */
  let session: Buffer | undefined

  const onClosed = (connection: Connection): void => {
    const at = idle.findIndex((one) => one.connection === connection)
    for (const { deadline } of at < 0 ? [] : idle.splice(at, 1)) deadline.clear()
  }

  const connect = (into: Buffer | undefined): Connection => {
    const connection = new Connection({
      connect: isSecure
        ? ({ ...secureOptions, session } as ConnectionOptions)
        : (connectOptions as TcpNetConnectOpts),
      isSecure,
      into,
      onClosed,
    })
    if (isSecure)
      connection.socket
        .on('session', (fresh: Buffer) => (session = fresh))
        .once('error', () => (session = undefined))
    return connection
  }

  const rest = (connection: Connection, limitMs: number): void => {
    const keptMs = Math.min(limitMs, keepAliveMs)
    if (isClosed || keptMs <= 0 || !connection.isUsable) return connection.destroy()
    connection.socket.unref() // it keeps no process alive
    idle.push({ connection, deadline: deadlines.start(keptMs, () => connection.destroy()) })
  }

  return {
    departures: options.departures,
    take: () => {
      const kept = idle.pop()
      if (!kept) return connect(into)
      kept.deadline.clear()
      kept.connection.socket.ref()
      if (kept.connection.isUsable) return kept.connection
      kept.connection.destroy()
      return connect(into)
    },
    open: () => connect(undefined),
    keep: (connection, limitMs) => {
      connection.use(undefined)
      if (!connection.mayHaveMore) return rest(connection, limitMs)
      // What stands behind its answer would be read as the next one, another user's perhaps: by the second
      // turn it has come, and has closed the connection.
      connection.resume()
      setImmediate(() => setImmediate(() => rest(connection, limitMs)))
    },
    close: () => {
      isClosed = true
      for (const { connection } of idle) connection.destroy()
    },
  }
}
