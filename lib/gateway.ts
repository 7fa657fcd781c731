import { randomBytes } from 'node:crypto'
import { lookup } from 'node:dns'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Server as SecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { createHealth } from './admin/health.js'
import { systemClock, type Clock } from './clock.js'
import { createAuthRoutes } from './auth-routes.js'
import { DEFAULTS, parseOptions } from './config.js'
import { createClientResolver } from './http/client-address.js'
import { createDeadlines } from './http/deadlines.js'
import { createDrain } from './http/drain.js'
import { createEntrance } from './http/entrance.js'
import type { Surroundings } from './http/exchange.js'
import { createRouter } from './http/router.js'
import { createStrictServer } from './http/server.js'
import { createTurns } from './http/turns.js'
import { createUpgradeListener } from './http/upgrade-listener.js'
import type { Log } from './log.js'
import type { GatewayOptions } from './options.js'
import { createProxiedRoutes } from './proxied-routes.js'
import type { Resolve } from './proxy/addresses.js'
import { VIA } from './proxy/response-headers.js'
import { createTunnels, GOING_AWAY } from './proxy/tunnels.js'
import { loadTls } from './tls-files.js'
import { tlsFingerprint, watchTls } from './tls-watch.js'
import { createIdentities } from './identities.js'
import type { PasswordHasher } from './users/passwords.js'

/** What a program, or a test, can put in place of the gateway's own parts. */
export interface GatewayParts {
  /** Receives every event; must not throw. Default: nothing is logged. */
  log?: Log
  /** Default: the clock of this machine. */
  clock?: Clock
  /** Default: `bcrypt`. */
  passwordHasher?: PasswordHasher
  /** Resolves the names of targets, as `dns.lookup` does with `all`. Default: `dns.lookup`. */
  resolve?: Resolve
}

export interface Gateway {
  /** For a server of your own: `http.createServer(gateway.handler)`. */
  readonly handler: (request: IncomingMessage, response: ServerResponse) => void
  /** Beside it, so that upgrades are carried: `server.on('upgrade', gateway.upgradeHandler)`. */
  readonly upgradeHandler: (request: IncomingMessage, socket: Duplex, head: Buffer) => void
  /**
   * Listens; rejects when the port is taken. `host` is `127.0.0.1` by default, and port 0 takes any
   * free one. Call it once.
   */
  listen(port: number, host?: string): Promise<{ host: string; port: number }>
  /**
   * Looks now whether files of secrets or of `tls` have changed, as it does every `filesCheckMs`. What
   * cannot be used is logged, and the old stays.
   */
  reload(): void
  /**
   * Stops accepting, finishes what is in flight within `timeouts.shutdownMs`, and cuts the rest. A
   * server of your own goes on accepting: call its `close` first, and do not wait for it.
   */
  close(): Promise<void>
}

/**
 * Builds a gateway. Two of them in one process share nothing.
 * @throws ConfigError (a RangeError) with everything that is wrong with the options
 */
export const createGateway = (options: GatewayOptions, parts: GatewayParts = {}): Gateway => {
  const config = parseOptions(options)
  const { clock = systemClock, log = () => {}, resolve = lookup } = parts
  const { limits, timeouts } = config
  let isClosing = false
  const surroundings: Surroundings = {
    clock,
    log,
    deadlines: createDeadlines(clock),
    resolveClient: createClientResolver(config.trustProxy),
    flushMs: timeouts.blockedBodyMs,
    isDraining: () => isClosing,
  }
  const isSecure = config.tls.certFile !== undefined || config.tls.keyFile !== undefined
  const seen = tlsFingerprint(config.tls)
  const tls = isSecure ? loadTls(config.tls, 'tls') : undefined
  const { deadlines } = surroundings
  const identities = createIdentities(config, { clock, log, deadlines })
  const tunnels = createTunnels(limits.tunnels)
  const proxied = createProxiedRoutes(config, {
    clock,
    log,
    resolve,
    deadlines,
    authenticate: identities.authenticate,
    signer: identities.signer,
    rejectsForgery: config.onForgery === 'reject',
    tunnels,
    // Its own, so that one gateway behind another is no loop.
    via: `${VIA}-${randomBytes(4).toString('hex')}`,
  })
  const turns = createTurns(limits.pipelinedRequests)
  const router = createRouter([
    ...createAuthRoutes(config, { ...identities, clock, hasher: parts.passwordHasher }),
    ...proxied.routes,
    ...createHealth([{ name: 'accepting', isReady: () => !isClosing }]),
  ])
  const entrance = createEntrance({ surroundings, turns, router, limitHeaders: limits.headerCount })
  const onUpgrade = createUpgradeListener(entrance, turns)
  const server = createStrictServer({
    entrance,
    onUpgrade,
    turns,
    log,
    limitHeaderBytes: limits.headerBytes,
    limitConnections: limits.connections,
    headersMs: timeouts.clientHeadersMs,
    keepAliveMs: timeouts.keepAliveMs,
    tls,
  })
  const watches = [...identities.watches]
  if (tls)
    watches.push(
      watchTls({
        files: config.tls,
        seen,
        everyMs: config.filesCheckMs,
        clock,
        log,
        onChanged: (changed) => (server as SecureServer).setSecureContext(changed),
      }),
    )
  const drain = createDrain({ server, turns, deadlines })
  const shutDown = async (): Promise<void> => {
    isClosing = true
    stopListening?.(new Error(CLOSED))
    log({ event: 'closing' })
    // They have no end of their own that could be waited for.
    tunnels.leaveAll(GOING_AWAY, 'the gateway is going away')
    const isClean = await drain(timeouts.shutdownMs)
    proxied.close()
    for (const watch of watches) watch.stop()
    log({ event: 'closed', cutConnections: !isClean })
  }
  let closed: Promise<void> | undefined
  let stopListening: ((reason: Error) => void) | undefined

  return {
    handler: (request, response) => entrance(request, response),
    upgradeHandler: onUpgrade,

    listen: (port, host = DEFAULTS.host) =>
      new Promise((done, reject) => {
        if (isClosing) return reject(new Error(CLOSED))
        stopListening = reject
        server.once('error', reject)
        server.listen(port, host, () => {
          server.off('error', reject)
          const { port: boundPort } = server.address() as AddressInfo // it listens on TCP
          log({ event: 'listening', host, port: boundPort })
          done({ host, port: boundPort })
        })
      }),

    reload: () => {
      for (const watch of watches) watch.look()
    },

    close: () => (closed ??= shutDown()),
  }
}

const CLOSED = 'the gateway is closed'
