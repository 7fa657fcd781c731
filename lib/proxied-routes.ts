import type { Caller } from './auth/caller.js'
import { TOKEN_PROTOCOL } from './auth/protocol-token.js'
import type { Authenticate } from './auth/authenticate.js'
import { refuse } from './auth/refuse.js'
import { unixSeconds } from './clock.js'
import type { Config } from './config.js'
import type { GatewayMetrics } from './gateway-metrics.js'
import { hasField } from './http/headers.js'
import { sendProblem } from './http/respond.js'
import type { Handler, Route } from './http/router.js'
import { encodeAnonymousPassport } from './passport/passport.js'
import { ANONYMOUS_SEGMENT } from './passport/segment.js'
import { stampPassport, type Signer } from './passport/signer.js'
import { createForward, type Forward } from './proxy/forward.js'
import { createReplayMemory } from './proxy/kept-body.js'
import { isLoop } from './proxy/loop.js'
import type { Identity } from './proxy/outbound-headers.js'
import { PIECE_BYTES, PieceBuffers } from './proxy/piece-buffers.js'
import { isReserved } from './proxy/reserved-names.js'
import { createRoutePlaces, type RoutePlacesOptions } from './proxy/route-places.js'
import type { TargetTally } from './proxy/target.js'
import type { Tunnels } from './proxy/tunnels.js'
import { createUpstream, type Upstream, type UpstreamParts } from './proxy/upstream.js'
import { networkOf } from './throttle/network.js'
import { loadTls } from './tls-files.js'
import type { RoutedTarget } from './upstream-metrics.js'

export interface ProxiedRoutesParts extends Omit<UpstreamParts, 'tallyOf' | 'readBuffer'> {
  authenticate: Authenticate
  /** `undefined` where passports are not signed. */
  signer: Signer | undefined
  tunnels: Tunnels
  /** Whether a request with a header that is the gateway's own is refused. */
  rejectsForgery: boolean
  /** How this gateway calls itself in `Via`. */
  via: string
  metrics: Pick<GatewayMetrics, 'tallyOf' | 'onForged'>
}

export interface ProxiedRoutes {
  routes: Route[]
  targets: readonly RoutedTarget[]
  /** Ends health checks and idle connections. */
  close(): void
}

const PROXY_PREFIX = '/v1/proxy'

/**
 * The proxied paths: each route with its upstream.
 * @throws ConfigError for a file of `upstreamTls` that cannot be used
 */
export const createProxiedRoutes = (config: Config, parts: ProxiedRoutesParts): ProxiedRoutes => {
  const upstreams: Upstream[] = []
  const targets: RoutedTarget[] = []
  const { retries } = config
  const buffers = new PieceBuffers()
  const readBuffer = Buffer.allocUnsafeSlow(PIECE_BYTES)
  // Every file is read before the first health check begins.
  const planned = allRoutes(config).map((route) => ({
    route,
    options: upstreamOptions(config, route),
  }))
  // One that hangs must not keep what another needs.
  const shareBytes = Math.floor(retries.memoryBytes / planned.length)
  const routes = planned.flatMap(({ route, options }): Route[] => {
    const prefix = PROXY_PREFIX + (route.path === '/' ? '' : route.path)
    const pattern = `${prefix}/*`
    const { tunnels, via, metrics } = parts
    const tallyOf = (url: string): TargetTally => metrics.tallyOf(pattern, url)
    const upstream = createUpstream(options, { ...parts, tallyOf, readBuffer })
    upstreams.push(upstream)
    targets.push(...upstream.targets.map((target) => ({ route: pattern, target })))
    const forward = createForward({
      upstream,
      places: createRoutePlaces(placesOptions(config)),
      tunnels,
      replayMemory: createReplayMemory(retries.bodyBytes, shareBytes),
      timeouts: { ...config.timeouts, ...route.timeouts },
      buffers,
      limitBodyBytes: route.bodyBytes ?? Infinity,
      leastBytesPerSecond: route.leastBytesPerSecond ?? config.limits.leastBytesPerSecond,
      limitRetries: retries.most,
      passAuthorization: route.passAuthorization ?? config.passAuthorization,
      via,
      onForged: metrics.onForged,
      refuse,
    })
    const handler = createProxied(route, route.keepPrefix ? PROXY_PREFIX : prefix, forward, parts)
    const methods = route.methods
      ? Object.fromEntries(route.methods.map((method) => [method, handler]))
      : handler
    const below = { pattern, methods }
    return route.path === '/' ? [below] : [{ pattern: prefix, methods }, below]
  })
  return {
    routes,
    targets,
    close: () => {
      for (const upstream of upstreams) upstream.close()
    },
  }
}

type RouteConfig = Config['routes'][number]

// `upstream` alone is the one route of everything.
const allRoutes = ({ upstream, routes }: Config): RouteConfig[] => [
  ...routes,
  ...(upstream
    ? [
        {
          path: '/',
          upstream,
          auth: 'required' as const,
          keepPrefix: true,
          timeouts: {},
          healthCheck: {},
          upstreamTls: {},
        },
      ]
    : []),
]

const upstreamOptions = (config: Config, route: RouteConfig) => ({
  targets: route.upstream,
  keepAliveMs: config.timeouts.upstreamKeepAliveMs,
  limitConnections: config.limits.targetConnections,
  limitWaiting: config.limits.targetWaiting,
  ejection: config.ejection,
  retryPercent: config.retries.budgetPercent,
  healthCheck: { ...config.healthCheck, ...route.healthCheck },
  tls: loadTls({ ...config.upstreamTls, ...route.upstreamTls }, 'upstreamTls'),
})

const placesOptions = ({ limits }: Config): RoutePlacesOptions => {
  const { connections, targetConnections, userWaiting } = limits
  const { routeRequests = Math.ceil(connections * 0.75) } = limits
  const share = Math.ceil(Math.min(routeRequests, targetConnections) / 4)
  return {
    limitRequests: routeRequests,
    limitUserRequests: limits.userRequests ?? Math.min(share, MOST_USER_REQUESTS),
    limitUserWaiting: userWaiting,
  }
}

// Some hundred streams at once are what a browser asks for behind a proxy that speaks HTTP/2.
const MOST_USER_REQUESTS = 200

// A proxied request, step by step: no loop, no forgery, authenticate, passport, and on to the service.
const createProxied = (
  { auth }: RouteConfig,
  prefix: string,
  forward: Forward,
  { authenticate, signer, via, rejectsForgery }: ProxiedRoutesParts,
): Handler => {
  const requestSigner = signer?.isBound ? signer : undefined

  const identityOf = (
    caller: Caller,
    nowSeconds: number,
    offeredProtocols: string | undefined,
  ): Identity => {
    const { passport, signature } = caller.stamp(nowSeconds)
    return {
      user: caller.userId,
      passport,
      segment: caller.segment,
      signature,
      signer: requestSigner,
      token: caller,
      offeredProtocols,
      confirmedProtocol: offeredProtocols === undefined ? undefined : TOKEN_PROTOCOL,
    }
  }

  const anonymous = (address: string, nowSeconds: number): Identity => {
    const passport = encodeAnonymousPassport(nowSeconds)
    const { signature } = stampPassport(passport, ANONYMOUS_SEGMENT, signer)
    return {
      user: `anonymous at ${networkOf(address)}`,
      passport,
      segment: ANONYMOUS_SEGMENT,
      signature,
      signer: requestSigner,
      token: undefined,
      offeredProtocols: undefined,
      confirmedProtocol: undefined,
    }
  }

  return (exchange) => {
    const { rawHeaders } = exchange.request
    if (isLoop(rawHeaders, via)) return sendProblem(exchange, 'loop_detected')
    if (rejectsForgery && hasField(rawHeaders, isReserved))
      return sendProblem(exchange, 'forged_header')
    const nowSeconds = unixSeconds(exchange.clock)
    const authentication = authenticate(rawHeaders, nowSeconds, exchange.upgrade !== undefined)
    const path = (exchange.path.slice(prefix.length) || '/') + exchange.query
    if (authentication.ok) {
      const { caller, offeredProtocols } = authentication
      exchange.userId = caller.userId
      return forward(exchange, path, identityOf(caller, nowSeconds, offeredProtocols))
    }
    const { reason } = authentication
    if (reason === 'no_token' && auth === 'optional')
      return forward(exchange, path, anonymous(exchange.client.address, nowSeconds))
    refuse(exchange, reason)
  }
}
