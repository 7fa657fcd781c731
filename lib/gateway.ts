import { randomBytes } from 'node:crypto'
import { lookup } from 'node:dns'
import type { Server as SecureServer } from 'node:https'
import { createAdminListener } from './admin-listener.js'
import { createHealth } from './admin/health.js'
import { systemClock } from './clock.js'
import { createAuthRoutes } from './auth-routes.js'
import { createBreached } from './breached-file.js'
import { DEFAULTS, parseOptions } from './config.js'
import { sourceIn, viewConfig } from './config-view.js'
import { createAddressLimit } from './http/address-limit.js'
import { createClientResolver } from './http/client-address.js'
import { createDeadlines } from './http/deadlines.js'
import { Departures } from './http/departures.js'
import type { Surroundings } from './http/exchange.js'
import { createFieldNames } from './http/field-names.js'
import { createUuids } from './http/random-ids.js'
import { createGatewayLog } from './gateway-log.js'
import { createGatewayMetrics } from './gateway-metrics.js'
import { createGatewayOverload } from './gateway-overload.js'
import { createGatewayState } from './gateway-state.js'
import type { Gateway, GatewayParts } from './gateway-parts.js'
import { createListener } from './listener.js'
import type { Log, LogEvent } from './log.js'
import type { GatewayOptions } from './options.js'
import { createProxiedRoutes } from './proxied-routes.js'
import { VIA } from './proxy/response-headers.js'
import { createTunnels, GOING_AWAY } from './proxy/tunnels.js'
import { loadTls } from './tls-files.js'
import { tlsFingerprint, watchTls } from './tls-watch.js'
import { createIdentities } from './identities.js'
import { openInTime } from './store-watch.js'
import { networkOf } from './throttle/network.js'
import { createThrottle } from './throttle/throttle.js'
import { createTracing } from './tracing/tracing.js'

/**
 * Builds a gateway. Two of them in one process share nothing.
 * @throws ConfigError (a RangeError) with everything that is wrong with the options
 */
export const createGateway = (options: GatewayOptions, parts: GatewayParts = {}): Gateway => {
  const config = parseOptions(options)
  const { clock = systemClock, resolve = lookup, sourceOf = sourceIn(options) } = parts
  const tell = createGatewayLog(parts, config.logSuccessShare)
  const metrics = createGatewayMetrics(() => proxied.targets)
  let follow: Log | undefined
  const log = (event: LogEvent): void => {
    metrics.take(event)
    follow?.(event)
    tell(event)
  }
  const { timeouts } = config
  const processes = parts.fellows?.count ?? 1
  let isClosing = false
  const tunnels = createTunnels(config.limits.tunnels)
  const counts = {
    connections: () => front.connections.count,
    requests: () => front.turns.openCount - tunnels.size,
  }
  const overload = createGatewayOverload(config, {
    clock,
    log,
    ...counts,
    closeStale: () => front.connections.closeStale(),
    processes,
  })
  const surroundings: Surroundings = {
    clock,
    log,
    deadlines: createDeadlines(clock),
    departures: new Departures(),
    resolveClient: createClientResolver(config.trustProxy),
    beginTrace: createTracing(config.tracing, parts.opentelemetry, log),
    canonicalOf: createFieldNames(),
    newRequestId: createUuids(),
    flushMs: timeouts.blockedBodyMs,
    isDraining: () => isClosing || overload.isStrained(),
  }
  const isSecure = config.tls.certFile !== undefined || config.tls.keyFile !== undefined
  const seen = tlsFingerprint(config.tls)
  const tls = isSecure ? loadTls(config.tls, 'tls') : undefined
  const { deadlines, departures } = surroundings
  const { state, isOpened, isVolatile } = createGatewayState(config, { clock, log, metrics, parts })
  const throttle = createThrottle({ ...config.throttle, store: state.throttle, clock })
  const identities = createIdentities(config, { clock, log, deadlines, state })
  const authenticate = metrics.counting(identities.authenticate)
  const { breached, watches: breachedWatches } = createBreached(config, { clock, log })
  const proxied = createProxiedRoutes(config, {
    clock,
    log,
    resolve,
    deadlines,
    departures,
    authenticate,
    metrics,
    signer: identities.signer,
    rejectsForgery: config.onForgery === 'reject',
    tunnels,
    // Its own, so that one gateway behind another is no loop.
    via: `${VIA}-${randomBytes(4).toString('hex')}`,
  })
  const auth = createAuthRoutes(config, {
    ...identities,
    authenticate,
    state,
    throttle,
    clock,
    deadlines,
    isBreached: breached.has,
    hasher: parts.passwordHasher,
    metrics,
    processes,
  })
  const checks = [
    { name: 'accepting', isReady: () => !isClosing, isVital: true },
    ...state.checks,
    ...overload.checks,
  ]
  const health = createHealth(checks)
  const front = createListener({
    config,
    surroundings,
    routes: [...auth.routes, ...proxied.routes, ...health],
    admission: overload.admission,
    admits: createAddressLimit({
      limit: config.limits.connectionsPerAddress,
      trusted: config.trustProxy,
      networkOf,
    }),
    tls,
  })
  const present = {
    checks,
    ...counts,
    streams: () => tunnels.size,
    hashing: auth.hashing,
    loopDelayMs: overload.loopDelayMs,
    levelOf: overload.levelOf,
    replicaAgeMs: state.replicaAgeMs,
  }
  const admin = createAdminListener(config, {
    surroundings: { ...surroundings, log: tell, isDraining: () => isClosing },
    state,
    identities,
    throttle,
    present,
    metrics,
    options: () => viewConfig(config, sourceOf),
    fellows: parts.fellows,
  })
  if (admin) follow = admin.take
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
  admin?.status.start()
  const shutDown = async (idleMs: number): Promise<void> => {
    isClosing = true
    log({ event: 'closing' })
    // They have no end of their own that could be waited for.
    admin?.status.stop()
    tunnels.leaveAll(GOING_AWAY, 'the gateway is going away')
    const { shutdownMs } = timeouts
    const ends = await Promise.all([
      front.close(shutdownMs, idleMs),
      admin?.listener.close(shutdownMs, idleMs) ?? true,
    ])
    overload.stop()
    proxied.close()
    await state.close()
    for (const watch of watches) watch.stop()
    breached.close()
    auth.close()
    log({ event: 'closed', cutConnections: ends.includes(false) })
  }
  let closed: Promise<void> | undefined

  return {
    handler: (request, response) => front.entrance(request, response),
    upgradeHandler: front.onUpgrade,

    listen: async (port, host = DEFAULTS.host) => {
      if (isOpened) await openInTime(state.opened, clock)
      // Operators first: until both listen no user's request is taken in.
      const adminAddress = await admin?.listener
        .listen(admin.port, config.admin.host)
        .catch((error: Error) => Promise.reject(Object.assign(error, { listener: 'admin' })))
      try {
        const address = await front.listen(port, host)
        if (isVolatile) log({ event: 'store_in_memory' })
        log({ event: 'listening', ...address })
        if (adminAddress) log({ event: 'admin_listening', ...adminAddress })
        return { ...address, ...(adminAddress && { admin: adminAddress }) }
      } catch (error) {
        await admin?.listener.retreat()
        throw error
      }
    },

    reload: () => {
      for (const watch of watches) watch.look()
    },

    close: ({ idleMs = 0 } = {}) => (closed ??= shutDown(idleMs)),
  }
}
