import { createLatencies, type Latencies } from './admin/latencies.js'
import type { TargetView } from './admin/sample.js'
import { SECONDS, statusClass } from './event-metrics.js'
import {
  createCounters,
  createHistograms,
  createReading,
  type Family,
  type Together,
} from './metrics/family.js'
import type { Target, TargetTally } from './proxy/target.js'

/** A target as one route has it. */
export interface RoutedTarget {
  /** The pattern of the route. */
  readonly route: string
  readonly target: Target
}

/** Metrics of the services behind. */
export interface UpstreamMetrics {
  readonly families: readonly Family[]
  /** What becomes of requests to a target of a route is counted there. */
  readonly tallyOf: (route: string, target: string) => TargetTally
  /** How each target is. */
  readonly views: () => TargetView[]
}

/** What the status page is told beside the metrics. */
interface Totals {
  answered: number
  failures: number
  latencies: Latencies
}

/** @param targets gives those that there are when it is called */
export const createUpstreamMetrics = (targets: () => readonly RoutedTarget[]): UpstreamMetrics => {
  const labels = ['route', 'target']
  const totalsOf = new Map<string, Totals>()
  const answered = createHistograms(
    {
      name: 'passport_gateway_upstream_response_seconds',
      help: 'Requests sent to a target, by how long it took until its answer began.',
      labels: [...labels, 'status'],
    },
    SECONDS,
  )
  const again = createCounters({
    name: 'passport_gateway_upstream_retries_total',
    help: 'Requests sent to a target that had been sent before, to it or another.',
    labels,
  })
  const failures = createCounters({
    name: 'passport_gateway_upstream_failures_total',
    help: 'Requests at which a target failed, by what was being done and why.',
    labels: [...labels, 'phase', 'cause'],
  })

  const gauge = (
    ending: string,
    help: string,
    measure: (target: Target) => number,
    together: Together = 'sum',
  ): Family => {
    const name = `passport_gateway_target_${ending}`
    return createReading('gauge', { name, help, labels, together }, (show) => {
      for (const { route, target } of targets()) show([route, target.name], measure(target))
    })
  }

  return {
    families: [
      answered,
      again,
      failures,
      gauge(
        'up',
        'Whether the health checks find a target working.',
        ({ isDown }) => +!isDown,
        'least',
      ),
      gauge(
        'ejected',
        'Whether a target gets no requests, as it failed.',
        ({ record }) => Number(record.isEjected()),
        'most',
      ),
      gauge('in_flight', 'Requests and WebSockets at a target.', ({ slots }) => slots.taken),
      gauge('waiting', 'Requests waiting for a target.', ({ slots }) => slots.waiting),
    ],
    tallyOf: (route, target) => {
      const retries = again.of(route, target)
      const totals: Totals = { answered: 0, failures: 0, latencies: createLatencies() }
      const byClass: Array<ReturnType<typeof answered.of>> = []
      totalsOf.set(`${route} ${target}`, totals)
      return {
        sent: (isAgain) => void (isAgain && retries.add()),
        answered: (status, ms) => {
          const series = (byClass[Math.trunc(status / 100)] ??= answered.of(
            route,
            target,
            statusClass(status),
          ))
          series.observe(ms / 1_000)
          totals.answered++
          totals.latencies.observe(ms)
        },
        failed: (phase, cause) => {
          failures.of(route, target, phase, cause).add()
          totals.failures++
        },
      }
    },
    views: () =>
      targets().map(({ route, target }) => {
        const { isDown, record, slots } = target
        return {
          route,
          target: target.name,
          state: isDown ? 'down' : record.isEjected() ? 'ejected' : 'up',
          inFlight: slots.taken,
          waiting: slots.waiting,
          ...(totalsOf.get(`${route} ${target.name}`) as Totals), // each has a tally
        }
      }),
  }
}
