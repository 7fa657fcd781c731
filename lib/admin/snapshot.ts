import type { Readiness } from './health.js'
import { createLatencies as newLatencies, type Latencies } from './latencies.js'
import { NEWEST, type RefusedRequest, type Sample, type TargetView } from './sample.js'
import { worse } from './target-rows.js'

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
  newest_refusals: RefusedRequest[]
}

export interface Snapshots {
  /**
   * What samples make together: `recent` are all that were taken in the last `seconds`, of one process or
   * several; `latest` the last one of each.
   */
  next(
    atMs: number,
    seconds: number,
    recent: readonly Sample[],
    latest?: readonly Sample[],
  ): Snapshot
}

export const createSnapshots = (): Snapshots => {
  // What reasons and targets there are is up to the gateway alone.
  const refused = new Map<string, number>()
  const failed = new Map<string, number>()
  let newest: RefusedRequest[] = []

  const refusalsIn = (recent: readonly Sample[], seconds: number): Snapshot['refusals'] => {
    const counts = summed(recent.flatMap(({ refusals }) => refusals))
    for (const [reason, count] of counts) refused.set(reason, (refused.get(reason) ?? 0) + count)
    return [...refused]
      .map(([reason, total]) => ({
        reason,
        total,
        per_second: (counts.get(reason) ?? 0) / seconds,
      }))
      .toSorted((one, other) => other.total - one.total)
  }

  const targetsIn = (
    recent: readonly Sample[],
    latest: readonly Sample[],
    seconds: number,
  ): Snapshot['targets'] => {
    const rows = new Map<string, TargetRow>()
    for (const { targets } of latest)
      for (const { route, target, state, inFlight } of targets) {
        const key = `${route} ${target}`
        const row = rows.get(key)
        if (!row)
          rows.set(key, { route, target, state, inFlight, answered: 0, latencies: newLatencies() })
        else {
          row.inFlight += inFlight
          row.state = worse(row.state, state)
        }
      }
    for (const { targets } of recent)
      for (const { route, target, answered, failures, latencies } of targets) {
        const key = `${route} ${target}`
        failed.set(key, (failed.get(key) ?? 0) + failures)
        const row = rows.get(key)
        if (!row) continue // of a process that has ended, with other options
        row.answered += answered
        row.latencies.add(latencies)
      }
    const all = [...rows.values()]
    const ofRoute = (route: string): number =>
      all.reduce((sum, row) => sum + (row.route === route ? row.answered : 0), 0)
    return all.map(({ route, target, state, inFlight, answered, latencies }) => ({
      route,
      target,
      state,
      in_flight: inFlight,
      per_second: answered / seconds,
      share: answered === 0 ? 0 : answered / ofRoute(route),
      p95_ms: latencies.quantile(0.95),
      failures: failed.get(`${route} ${target}`) ?? 0,
    }))
  }

  return {
    next: (at, seconds, recent, latest = recent) => {
      const statuses = [...summed(recent.flatMap((sample) => sample.statuses))]
      const latencies = newLatencies()
      for (const sample of recent) latencies.add(sample.latencies)
      newest = [...recent.flatMap((sample) => sample.newest), ...newest]
        .toSorted((one, other) => other.at - one.at)
        .slice(0, NEWEST)
      const sum = (of: (sample: Sample) => number): number =>
        latest.reduce((total, sample) => total + of(sample), 0)
      const most = (of: (sample: Sample) => number): number => Math.max(0, ...latest.map(of))
      return {
        at,
        ready: allReady(latest.map(({ ready }) => ready)),
        requests: {
          per_second: statuses.reduce((total, [, count]) => total + count, 0) / seconds,
          p50_ms: latencies.quantile(0.5),
          p95_ms: latencies.quantile(0.95),
          p99_ms: latencies.quantile(0.99),
          by_status: Object.fromEntries(statuses.map(([name, count]) => [name, count / seconds])),
        },
        refusals: refusalsIn(recent, seconds),
        targets: targetsIn(recent, latest, seconds),
        open: {
          connections: sum(({ open }) => open.connections),
          requests: sum(({ open }) => open.requests),
          streams: sum(({ open }) => open.streams),
        },
        hash_queue: {
          waiting: sum(({ hashing }) => hashing.waiting),
          running: sum(({ hashing }) => hashing.running),
        },
        memory: {
          rss_bytes: sum(({ memory }) => memory.rss),
          heap_bytes: sum(({ memory }) => memory.heap),
        },
        loop_delay_ms: most(({ loopDelayMs }) => loopDelayMs),
        cpu_share: sum(({ cpuShare }) => cpuShare),
        overload: (['none', 'soft', 'hard'] as const)[most(({ overload }) => overload)] as 'none',
        newest_refusals: [...newest],
      }
    },
  }
}

interface TargetRow extends Pick<TargetView, 'route' | 'target' | 'state' | 'inFlight'> {
  answered: number
  latencies: Latencies
}

const summed = (counts: ReadonlyArray<readonly [string, number]>): Map<string, number> => {
  const sums = new Map<string, number>()
  for (const [name, count] of counts) sums.set(name, (sums.get(name) ?? 0) + count)
  return sums
}

const STATUSES = ['ready', 'degraded', 'not_ready'] as const

/** What each of several processes can do; a check that fails in one is not ready. */
const allReady = (all: readonly Readiness[]): Readiness => {
  const checks = new Map<string, Readiness['checks'][number]>()
  for (const check of all.flatMap((one) => one.checks))
    if (checks.get(check.name)?.ready !== false) checks.set(check.name, check)
  const worst = Math.max(0, ...all.map(({ status }) => STATUSES.indexOf(status)))
  return { status: STATUSES[worst] as 'ready', checks: [...checks.values()] }
}
