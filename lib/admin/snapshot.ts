import type { LogEvent } from '../log.js'
import { readinessOf, type Check, type Readiness } from './health.js'
import { createLatencies, type Latencies } from './latencies.js'

/** What is told of a target; the totals only rise. */
export interface TargetView {
  /** The pattern of the route. */
  route: string
  /** Its URL. */
  target: string
  state: 'up' | 'down' | 'ejected'
  inFlight: number
  waiting: number
  answered: number
  failures: number
  /** How long it took until answers began, since the last snapshot. */
  latencies: Latencies
}

/** What parts of the gateway say when they are asked. */
export interface SnapshotSource {
  checks: readonly Check[]
  targets: () => readonly TargetView[]
  connections: () => number
  requests: () => number
  streams: () => number
  hashing: { readonly waiting: number; readonly running: number }
  loopDelayMs: () => number
  statusClass: (status: number) => string
  /** 2 where a hard limit is reached, 1 where a soft one is, otherwise 0. */
  overload: () => number
}

type RequestEvent = Extract<LogEvent, { event: 'request' }>

/** How the gateway is at one moment, and what it did in the second before. */
export interface Snapshot {
  /** Unix milliseconds. */
  at: number
  ready: Readiness
  requests: {
    per_second: number
    p50_ms: number | null
    p95_ms: number | null
    p99_ms: number | null
    /** Per second, by class. */
    by_status: Record<string, number>
  }
  /** Since the start, most first. */
  refusals: Array<{ reason: string; total: number; per_second: number }>
  targets: Array<{
    route: string
    target: string
    state: TargetView['state']
    in_flight: number
    per_second: number
    /** Of the traffic of its route. */
    share: number
    /** Until answers began. */
    p95_ms: number | null
    failures: number
  }>
  open: { connections: number; requests: number; streams: number }
  hash_queue: { waiting: number; running: number }
  memory: { rss_bytes: number; heap_bytes: number }
  loop_delay_ms: number
  /** Of one core. */
  cpu_share: number
  overload: 'none' | 'soft' | 'hard'
  /** Newest first. */
  newest_refusals: Array<{
    at: number
    request_id: string
    method: string
    route: string
    status: number
    reason: string
  }>
}

export interface Snapshots {
  /** Counts what the log is told. */
  take(event: RequestEvent, atMs: number): void
  /** Of the time since the last one, which was `seconds`. */
  next(atMs: number, seconds: number): Snapshot
}

export const createSnapshots = (source: SnapshotSource): Snapshots => {
  const latencies = createLatencies()
  const refusals = new Map<string, { total: number; recent: number }>()
  const newest: Snapshot['newest_refusals'] = []
  const statuses = new Map<string, number>()
  const answeredBefore = new Map<string, number>()
  let cpuBefore = process.cpuUsage()

  const refused = (
    { requestId, method, route, status, reason }: RequestEvent,
    at: number,
  ): void => {
    if (reason === undefined) return
    // What reasons there are is up to the gateway alone, not to whoever is refused.
    const known = refusals.get(reason) ?? { total: 0, recent: 0 }
    refusals.set(reason, { total: known.total + 1, recent: known.recent + 1 })
    newest.unshift({ at, request_id: requestId, method, route, status, reason })
    newest.length = Math.min(newest.length, NEWEST)
  }

  const targetsIn = (seconds: number): Snapshot['targets'] => {
    const rows = source.targets().map((view) => {
      const key = `${view.route} ${view.target}`
      const recent = view.answered - (answeredBefore.get(key) ?? 0)
      answeredBefore.set(key, view.answered)
      return { view, recent }
    })
    const ofRoute = (route: string): number =>
      rows.reduce((sum, { view, recent }) => sum + (view.route === route ? recent : 0), 0)
    const shown = rows.map(({ view, recent }) => ({
      route: view.route,
      target: view.target,
      state: view.state,
      in_flight: view.inFlight,
      per_second: rate(recent, seconds),
      share: recent === 0 ? 0 : recent / ofRoute(view.route),
      p95_ms: view.latencies.quantile(0.95),
      failures: view.failures,
    }))
    for (const { view } of rows) view.latencies.clear()
    return shown
  }

  const cpuShare = (seconds: number): number => {
    const { user, system } = process.cpuUsage(cpuBefore)
    cpuBefore = process.cpuUsage()
    return rate((user + system) / 1e6, seconds)
  }

  const refusalsIn = (seconds: number): Snapshot['refusals'] => {
    const rows = [...refusals].map(([reason, { total, recent }]) => ({
      reason,
      total,
      per_second: rate(recent, seconds),
    }))
    for (const one of refusals.values()) one.recent = 0
    return rows.toSorted((one, other) => other.total - one.total)
  }

  return {
    take: (event, atMs) => {
      latencies.observe(event.durationMs)
      const status = source.statusClass(event.status)
      statuses.set(status, (statuses.get(status) ?? 0) + 1)
      refused(event, atMs)
    },

    next: (at, seconds) => {
      const counts = [...statuses]
      const { rss, heapUsed } = process.memoryUsage()
      const snapshot: Snapshot = {
        at,
        ready: readinessOf(source.checks, true),
        requests: {
          per_second: rate(
            counts.reduce((sum, [, count]) => sum + count, 0),
            seconds,
          ),
          p50_ms: latencies.quantile(0.5),
          p95_ms: latencies.quantile(0.95),
          p99_ms: latencies.quantile(0.99),
          by_status: Object.fromEntries(
            counts.map(([name, count]) => [name, rate(count, seconds)]),
          ),
        },
        refusals: refusalsIn(seconds),
        targets: targetsIn(seconds),
        open: {
          connections: source.connections(),
          requests: source.requests(),
          streams: source.streams(),
        },
        hash_queue: { waiting: source.hashing.waiting, running: source.hashing.running },
        memory: { rss_bytes: rss, heap_bytes: heapUsed },
        loop_delay_ms: source.loopDelayMs(),
        cpu_share: cpuShare(seconds),
        overload: (['none', 'soft', 'hard'] as const)[source.overload()] as 'none',
        newest_refusals: [...newest],
      }
      latencies.clear()
      statuses.clear()
      return snapshot
    },
  }
}

const NEWEST = 50

const rate = (count: number, seconds: number): number => count / seconds
