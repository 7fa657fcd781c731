import type { Server } from 'node:http'
import type { Server as SecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { SecureContextOptions } from 'node:tls'
import type { Config } from './config.js'
import type { Address } from './gateway-parts.js'
import type { Admission } from './http/admission.js'
import type { AddressLimit } from './http/address-limit.js'
import { followConnections, type Connections } from './http/connections.js'
import { createDrain } from './http/drain.js'
import { createEntrance, type Entrance } from './http/entrance.js'
import type { Surroundings } from './http/exchange.js'
import { createRouter, type Route } from './http/router.js'
import { createStrictServer } from './http/server.js'
import { createTurns, type Turns } from './http/turns.js'
import { createUpgradeListener, type UpgradeListener } from './http/upgrade-listener.js'

/** One address with routes of its own, behind a strict server. */
export interface Listener {
  readonly entrance: Entrance
  readonly onUpgrade: UpgradeListener
  readonly server: Server | SecureServer
  readonly connections: Connections
  readonly turns: Turns
  /** Rejects when the port is taken, and when it is closed before it listens. */
  listen(port: number, host: string): Promise<Address>
  /** Takes a `listen` back: cuts whoever has come, and listens no more. */
  retreat(): Promise<void>
  /**
   * Stops accepting, closes idle connections after `idleMs` milliseconds, and cuts what is not over after
   * `limitMs`; whether nothing was.
   */
  close(limitMs: number, idleMs: number): Promise<boolean>
}

export interface ListenerOptions {
  config: Config
  surroundings: Surroundings
  routes: readonly Route[]
  /** `undefined` takes in whatever comes. */
  admission: Admission | undefined
  /** Whether a connection is taken. */
  admits: AddressLimit
  /** The certificate and its key, for HTTPS; `undefined` for plain HTTP. */
  tls: SecureContextOptions | undefined
}

/** Not yet listening. */
export const createListener = ({
  config,
  surroundings,
  routes,
  admission,
  admits,
  tls,
}: ListenerOptions): Listener => {
  const { limits, timeouts } = config
  const turns = createTurns({
    limitWaiting: limits.pipelinedRequests,
    limitRequests: limits.requestsPerConnection,
    departures: surroundings.departures,
  })
  const entrance = createEntrance({
    surroundings,
    turns,
    router: createRouter(routes),
    admission,
    limits: { limitHeaders: limits.headerCount, limitTargetBytes: limits.targetBytes },
  })
  const onUpgrade = createUpgradeListener(entrance, turns)
  const server = createStrictServer({
    entrance,
    onUpgrade,
    turns,
    log: surroundings.log,
    limitHeaderBytes: limits.headerBytes,
    limitConnections: limits.connections,
    admits,
    headersMs: timeouts.clientHeadersMs,
    keepAliveMs: timeouts.keepAliveMs,
    tls,
  })
  const connections = followConnections(server, turns, limits.connections)
  const drain = createDrain({ server, connections, turns, deadlines: surroundings.deadlines })
  let isClosed = false
  let stopListening: ((reason: Error) => void) | undefined

  return {
    entrance,
    onUpgrade,
    server,
    connections,
    turns,

    listen: (port, host) =>
      new Promise((done, reject) => {
        if (isClosed) return reject(new Error(CLOSED))
        stopListening = reject
        server.once('error', reject)
        server.listen({ port, host, backlog: limits.backlog }, () => {
          server.off('error', reject)
          done({ host, port: (server.address() as AddressInfo).port }) // it listens on TCP
        })
      }),

    retreat: () =>
      new Promise((done) => {
        server.close(() => done())
        server.closeAllConnections()
      }),

    close: (limitMs, idleMs) => {
      isClosed = true
      stopListening?.(new Error(CLOSED))
      return drain(limitMs, idleMs)
    },
  }
}

const CLOSED = 'the gateway is closed'
