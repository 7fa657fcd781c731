import { randomBytes } from 'node:crypto'
import { lookup } from 'node:dns'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Server as SecureServer } from 'node:https'
import type { Duplex } from 'node:stream'
import { createAdminListener } from './admin-listener.js'
import { createHealth } from './admin/health.js'
import { systemClock, type Clock } from './clock.js'
import { createAuthRoutes } from './auth-routes.js'
import { createBreached } from './breached-file.js'
import { DEFAULTS, parseOptions } from './config.js'
import { configuredStore } from './configured-stores.js'
import { createAddressLimit } from './http/address-limit.js'
import { createClientResolver } from './http/client-address.js'
import { createDeadlines } from './http/deadlines.js'
import type { Surroundings } from './http/exchange.js'
import { createGatewayOverload } from './gateway-overload.js'
import { createListener, type Address } from './listener.js'
import type { Log } from './log.js'
import type { GatewayOptions } from './options.js'
import { createProxiedRoutes } from './proxied-routes.js'
import type { Resolve } from './proxy/addresses.js'
import { VIA } from './proxy/response-headers.js'
import { createTunnels, GOING_AWAY } from './proxy/tunnels.js'
import { loadTls } from './tls-files.js'
import { tlsFingerprint, watchTls } from './tls-watch.js'
import { createIdentities } from './identities.js'
import { createState } from './state.js'
import { openInTime } from './store-watch.js'
import type { Engine } from './stores/engine.js'
import { networkOf } from './throttle/network.js'
import { createThrottle } from './throttle/throttle.js'
import type { PasswordHasher } from './users/passwords.js'

/** What a program, or a test, can put in place of the gateway's own parts. */
export interface GatewayParts {
  /** Receives every event; must not throw. Default: nothing is logged. */
  log?: Log
  /** Default: the clock of this machine. */
  clock?: Clock
  /** Makes and compares hashes in the format of bcrypt. Default: `bcrypt`. */
  passwordHasher?: PasswordHasher
  /** Where users, idempotency keys and revocations are kept, in place of the option of this name. */
  store?: Engine
  /** Where idempotency keys and revocations are kept, in place of the option of this name. */
  ephemeralStore?: Engine
  /** Resolves the names of targets, as `dns.lookup` does with `all`. Default: `dns.lookup`. */
  resolve?: Resolve
}

export interface Gateway {
  /** For a server of your own: `http.createServer(gateway.handler)`. */
  readonly handler: (request: IncomingMessage, response: ServerResponse) => void
  /** Beside it, so that upgrades are carried: `server.on('upgrade', gateway.upgradeHandler)`. */
  readonly upgradeHandler: (request: IncomingMessage, socket: Duplex, head: Buffer) => void
  /**
   * Listens, with `adminToken` on the address of `admin` too; rejects when a port is taken, and then
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
  const { timeouts } = config
  let isClosing = false
  const tunnels = createTunnels(config.limits.tunnels)
  const overload = createGatewayOverload(config, {
    clock,
    log,
    connections: () => front.connections.count,
    requests: () => front.turns.openCount - tunnels.size,
    closeStale: () => front.connections.closeStale(),
  })
  const surroundings: Surroundings = {
    clock,
    log,
    deadlines: createDeadlines(clock),
    resolveClient: createClientResolver(config.trustProxy),
    flushMs: timeouts.blockedBodyMs,
    isDraining: () => isClosing || overload.isStrained(),
  }
  const isSecure = config.tls.certFile !== undefined || config.tls.keyFile !== undefined
  const seen = tlsFingerprint(config.tls)
  const tls = isSecure ? loadTls(config.tls, 'tls') : undefined
  const { deadlines } = surroundings
  const {
    store = configuredStore(config, 'store', log),
    ephemeralStore = configuredStore(config, 'ephemeralStore', log),
  } = parts
  const state = createState(config, { clock, log, store, ephemeralStore })
  const throttle = createThrottle({ ...config.throttle, store: state.throttle, clock })
  const identities = createIdentities(config, { clock, log, deadlines, state })
  const { breached, watches: breachedWatches } = createBreached(config, { clock, log })
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
  const front = createListener({
    config,
    surroundings,
    routes: [
      ...createAuthRoutes(config, {
        ...identities,
        state,
        throttle,
        clock,
        deadlines,
        isBreached: breached.has,
        hasher: parts.passwordHasher,
      }),
      ...proxied.routes,
      ...createHealth([
        { name: 'accepting', isReady: () => !isClosing, isVital: true },
        ...state.checks,
        ...overload.checks,
      ]),
    ],
    admission: overload.admission,
    admits: createAddressLimit({
      limit: config.limits.connectionsPerAddress,
      trusted: config.trustProxy,
      networkOf,
    }),
    tls,
  })
  const admin = createAdminListener(
    config,
    { ...surroundings, isDraining: () => isClosing },
    state,
    identities,
    throttle,
  )
  const watches = [...identities.watches, ...breachedWatches]
  if (tls)
    watches.push(
      watchTls({
        files: config.tls,
        seen,
        everyMs: config.filesCheckMs,
        clock,
        log,
        onChanged: (changed) => (front.server as SecureServer).setSecureContext(changed),
      }),
    )
  overload.start()
  const shutDown = async (): Promise<void> => {
    isClosing = true
    log({ event: 'closing' })
    // They have no end of their own that could be waited for.
    tunnels.leaveAll(GOING_AWAY, 'the gateway is going away')
    const { shutdownMs } = timeouts
    const ends = await Promise.all([front.close(shutdownMs), admin?.close(shutdownMs) ?? true])
    overload.stop()
    proxied.close()
    await state.close()
    for (const watch of watches) watch.stop()
    breached.close()
    log({ event: 'closed', cutConnections: ends.includes(false) })
  }
  let closed: Promise<void> | undefined

  return {
    handler: (request, response) => front.entrance(request, response),
    upgradeHandler: front.onUpgrade,

    listen: async (port, host = DEFAULTS.host) => {
      if (store ?? ephemeralStore) await openInTime(state.opened, clock)
      // Operators first: until both listen no user's request is taken in.
      const adminAddress = await admin
        ?.listen(config.admin.port, config.admin.host)
        .catch((error: Error) => Promise.reject(Object.assign(error, { listener: 'admin' })))
      try {
        const address = await front.listen(port, host)
        if (!store) log({ event: 'store_in_memory' })
        log({ event: 'listening', ...address })
        if (adminAddress) log({ event: 'admin_listening', ...adminAddress })
        return { ...address, ...(adminAddress && { admin: adminAddress }) }
      } catch (error) {
        await admin?.retreat()
        throw error
      }
    },

    reload: () => {
      for (const watch of watches) watch.look()
    },

    close: () => (closed ??= shutDown()),
  }
}
