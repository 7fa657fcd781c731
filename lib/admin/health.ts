import type { Exchange } from '../http/exchange.js'
import { sendJson } from '../http/respond.js'
import type { Route } from '../http/router.js'

/** A part of the gateway and whether it can do its work. */
export interface Check {
  name: string
  isReady: () => boolean
  /** Whether the gateway can do nothing without it at present; what is not only makes it `degraded`. */
  readonly isVital: boolean
  /** Why it is not ready, for operators. */
  reason?: () => string
}

/**
 * `GET /healthz`: 200 as long as the process answers. `GET /readyz`: 200 when every vital check is
 * ready, otherwise 503; either way with each of them, and for operators why it is not.
 */
export const createHealth = (checks: readonly Check[], { tellsReasons = false } = {}): Route[] => [
  { pattern: ALIVE, methods: { GET: (exchange) => sendJson(exchange, 200, { status: 'ok' }) } },
  {
    pattern: READY,
    methods: { GET: (exchange) => answerReadiness(exchange, checks, tellsReasons) },
  },
]

const ALIVE = '/healthz'
const READY = '/readyz'

/** Its paths, which are served whatever else is not. */
export const HEALTH_PATHS: ReadonlySet<string> = new Set([ALIVE, READY])

/** Whether the gateway can do its work, and each part of it. */
export interface Readiness {
  status: 'ready' | 'degraded' | 'not_ready'
  checks: Array<{ name: string; ready: boolean; reason?: string }>
}

export const readinessOf = (checks: readonly Check[], tellsReasons: boolean): Readiness => {
  const results = checks.map(({ name, isReady, reason }) => {
    const ready = isReady()
    return { name, ready, ...(tellsReasons && !ready && reason && { reason: reason() }) }
  })
  const isWhole = results.every(({ ready }) => ready)
  const isUsable = checks.every(({ isVital }, i) => !isVital || results[i]?.ready)
  return { status: isWhole ? 'ready' : isUsable ? 'degraded' : 'not_ready', checks: results }
}

const answerReadiness = (
  exchange: Exchange,
  checks: readonly Check[],
  tellsReasons: boolean,
): void => {
  const readiness = readinessOf(checks, tellsReasons)
  sendJson(exchange, readiness.status === 'not_ready' ? 503 : 200, readiness)
}
