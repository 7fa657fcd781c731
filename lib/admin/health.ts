import type { Exchange } from '../http/exchange.js'
import { send } from '../http/respond.js'
import type { Route } from '../http/router.js'

/** A part of the gateway and whether it can do its work. */
export interface Check {
  name: string
  isReady: () => boolean
  /** Whether the gateway can do nothing without it at present; what is not only makes it `degraded`. */
  readonly isVital: boolean
}

/**
 * `GET /healthz`: 200 as long as the process answers. `GET /readyz`: 200 when every vital check is
 * ready, otherwise 503; either way with each of them.
 */
export const createHealth = (checks: readonly Check[]): Route[] => [
  { pattern: ALIVE, methods: { GET: (exchange) => answer(exchange, 200, { status: 'ok' }) } },
  { pattern: READY, methods: { GET: (exchange) => answerReadiness(exchange, checks) } },
]

const ALIVE = '/healthz'
const READY = '/readyz'

/** Its paths, which are served whatever else is not. */
export const HEALTH_PATHS: ReadonlySet<string> = new Set([ALIVE, READY])

const answerReadiness = (exchange: Exchange, checks: readonly Check[]): void => {
  const results = checks.map(({ name, isReady }) => ({ name, ready: isReady() }))
  const isWhole = results.every(({ ready }) => ready)
  const isUsable = checks.every(({ isVital }, i) => !isVital || results[i]?.ready)
  const status = isWhole ? 'ready' : isUsable ? 'degraded' : 'not_ready'
  answer(exchange, isUsable ? 200 : 503, { status, checks: results })
}

const answer = (exchange: Exchange, status: number, body: Record<string, unknown>): void =>
  send(exchange, { status, contentType: 'application/json', body: JSON.stringify(body) })
