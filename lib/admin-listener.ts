import { adminPortOf } from './admin-options.js'
import { createGuard } from './admin/guard.js'
import { createHealth } from './admin/health.js'
import { createMetricsRoute } from './admin/metrics.js'
import { openGuard } from './admin/open-guard.js'
import { createOperatorChecks } from './admin/operator-checks.js'
import { createOperations } from './admin/operations.js'
import { createPage } from './admin/page.js'
import { createStatus, type Status } from './admin/status.js'
import type { Fellows } from './admin/fellows.js'
import { targetRowOf, type TargetRow } from './admin/target-rows.js'
import { createUsersApi } from './admin/users-api.js'
import type { Config } from './config.js'
import type { ConfigRow } from './config-view.js'
import type { Route } from './http/router.js'
import type { Surroundings } from './http/exchange.js'
import type { Identities } from './identities.js'
import { createInspect } from './inspect.js'
import { createListener, type Listener } from './listener.js'
import type { LogEvent } from './log.js'
import { statusClass } from './event-metrics.js'
import type { GatewayMetrics } from './gateway-metrics.js'
import type { Family } from './metrics/family.js'
import { familyOf, figuresOf } from './metrics/figures.js'
import { createPartMetrics, RESOURCES, type Parts } from './part-metrics.js'
import { createProcessMetrics } from './process-metrics.js'
import type { State } from './state.js'
import type { Throttle } from './throttle/throttle.js'
import { createDirectory } from './users/directory.js'
import { readVersion } from './version.js'

export interface AdminParts {
  surroundings: Surroundings
  state: Pick<State, 'users'>
  identities: Identities
  throttle: Throttle
  present: Parts
  metrics: Pick<GatewayMetrics, 'families' | 'views'>
  options: () => readonly ConfigRow[]
  fellows: Fellows | undefined
}

/** The listener for operators, and what it shows second by second. */
export interface AdminListener {
  listener: Listener
  port: number
  status: Status
  /** Learns from what the log is told. */
  readonly take: (event: LogEvent) => void
}

/** `undefined` where there is neither an `adminToken` nor a port for it. */
export const createAdminListener = (
  config: Config,
  parts: AdminParts,
): AdminListener | undefined => {
  const { adminToken, limits, timeouts } = config
  const port = adminPortOf(config)
  if (port === undefined) return undefined
  const { surroundings, identities, throttle, present, metrics, fellows } = parts
  const targets = metrics.views
  const { clock } = surroundings
  const body = { limitBytes: limits.bodyBytes, timeoutMs: timeouts.clientBodyMs }
  const guard =
    adminToken === undefined
      ? openGuard
      : createGuard(adminToken, (address) => throttle.byAddress('operator', address))
  const own = createOperatorChecks(targets)
  const checks = [...present.checks, ...own.checks]
  const status = createStatus({
    source: { ...present, checks, targets, statusClass, overload: () => highest(present) },
    version: readVersion(),
    clock,
    guard,
    fellows,
  })
  const families = [...metrics.families, ...createPartMetrics(present), ...createProcessMetrics()]
  const ofAll = figuresOfAll(families, () => targets().map(targetRowOf), fellows)
  const users = (): Route[] =>
    createUsersApi({ directory: directoryOf(config, parts), guard, body })
  const listener = createListener({
    config,
    surroundings,
    routes: [
      ...createPage(),
      ...createHealth(checks, { tellsReasons: true }),
      createMetricsRoute(ofAll.families, guard),
      ...status.routes,
      ...createOperations({
        guard,
        body,
        targets: ofAll.targets,
        options: () => ({ options: parts.options() }),
        inspect: createInspect(config, identities, clock),
      }),
      // Whoever is on this machine may see how it does, but not who its users are.
      ...(adminToken === undefined ? [] : users()),
    ],
    admission: undefined,
    admits: () => true,
    tls: undefined,
  })
  return {
    listener,
    port,
    status,
    take: (event) => {
      status.take(event)
      own.take(event)
    },
  }
}

/** Of this process, or of all that serve its address. */
const figuresOfAll = (
  families: readonly Family[],
  rows: () => TargetRow[],
  fellows: Fellows | undefined,
): { families: () => Promise<readonly Family[]>; targets: () => Promise<TargetRow[]> } => {
  if (!fellows) return { families: async () => families, targets: async () => rows() }
  const own = { metrics: () => figuresOf(families), targets: rows }
  fellows.answer(own)
  return {
    families: async () => (await fellows.metrics(own.metrics())).map(familyOf),
    targets: () => fellows.targets(rows()),
  }
}

const directoryOf = (
  { signup }: Config,
  { surroundings, state, identities }: AdminParts,
): ReturnType<typeof createDirectory> => {
  const { revocations } = identities
  return createDirectory({
    users: state.users,
    reserve: (userId) => revocations.reserve(userId),
    revokeUser: (userId) => revocations.revokeUser(userId),
    clock: surroundings.clock,
    plan: signup.plans[0] as string, // the options have at least one
  })
}

const highest = ({ levelOf }: AdminParts['present']): number => Math.max(...RESOURCES.map(levelOf))
