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
  /** How long it took until answers began, since the last sample. */
  latencies: Latencies
}

/** What parts of the gateway say when they are asked. */
export interface SampleSource {
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

/** A request that was refused, for operators. */
export interface RefusedRequest {
  at: number
  request_id: string
  method: string
  route: string
  status: number
  reason: string
}

/** How a target is, and what it did since the sample before. */
interface TargetSample extends Pick<TargetView, 'route' | 'target' | 'state' | 'inFlight'> {
  answered: number
  failures: number
  latencies: Float64Array
}

/** How one process is at one moment, and what it did since the sample before; it can be sent to another. */
export interface Sample {
  ready: Readiness
  /** Requests by their class of statuses. */
  statuses: Array<readonly [status: string, count: number]>
  latencies: Float64Array
  refusals: Array<readonly [reason: string, count: number]>
  /** The newest first. */
  newest: RefusedRequest[]
  targets: TargetSample[]
  open: { connections: number; requests: number; streams: number }
  hashing: { waiting: number; running: number }
  memory: { rss: number; heap: number }
  loopDelayMs: number
  /** Of one core. */
  cpuShare: number
  overload: number
}

export interface Sampling {
  /** Counts what the log is told. */
  take(event: RequestEvent, atMs: number): void
  /** Of the time since the last one, which was `seconds`. */
  next(seconds: number): Sample
}

/** How many of the newest refusals are told. */
export const NEWEST = 50

export const createSampling = (source: SampleSource): Sampling => {
  const latencies = createLatencies()
  const statuses = new Map<string, number>()
  // What reasons there are is up to the gateway alone, not to whoever is refused.
  const refusals = new Map<string, number>()
  const before = new Map<string, Pick<TargetView, 'answered' | 'failures'>>()
  let newest: RefusedRequest[] = []
  let cpuBefore = process.cpuUsage()

  const cpuShare = (seconds: number): number => {
    const { user, system } = process.cpuUsage(cpuBefore)
    cpuBefore = process.cpuUsage()
    return (user + system) / 1e6 / seconds
  }

  const sampled = (view: TargetView): TargetSample => {
    const { route, target, state, inFlight, answered, failures } = view
    const key = `${route} ${target}`
    const known = before.get(key)
    before.set(key, { answered, failures })
    const counts = view.latencies.counts()
    view.latencies.clear()
    return {
      route,
      target,
      state,
      inFlight,
      answered: answered - (known?.answered ?? 0),
      failures: failures - (known?.failures ?? 0),
      latencies: counts,
    }
  }

  return {
    take: ({ requestId, method, route, status, reason, durationMs }, at) => {
      latencies.observe(durationMs)
      count(statuses, source.statusClass(status))
      if (reason === undefined) return
      count(refusals, reason)
      newest.unshift({ at, request_id: requestId, method, route, status, reason })
      newest.length = Math.min(newest.length, NEWEST)
    },

    next: (seconds) => {
      const { rss, heapUsed } = process.memoryUsage()
      const sample: Sample = {
        ready: readinessOf(source.checks, true),
        statuses: [...statuses],
        latencies: latencies.counts(),
        refusals: [...refusals],
        newest,
        targets: source.targets().map(sampled),
        open: {
          connections: source.connections(),
          requests: source.requests(),
          streams: source.streams(),
        },
        hashing: { waiting: source.hashing.waiting, running: source.hashing.running },
        memory: { rss, heap: heapUsed },
        loopDelayMs: source.loopDelayMs(),
        cpuShare: cpuShare(seconds),
        overload: source.overload(),
      }
      newest = []
      latencies.clear()
      statuses.clear()
      refusals.clear()
      return sample
    },
  }
}

const count = (counts: Map<string, number>, name: string): void =>
  void counts.set(name, (counts.get(name) ?? 0) + 1)
