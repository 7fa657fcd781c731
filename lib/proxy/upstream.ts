import type { Clock } from '../clock.js'
import type { Log } from '../log.js'
import type { Deadlines } from '../http/deadlines.js'
import type { Departures } from '../http/departures.js'
import { createLookup, type Resolve } from './addresses.js'
import { createBalance } from './balancer.js'
import { createEjection, type EjectionOptions } from './ejection.js'
import { startHealthCheck, type HealthCheckOptions } from './health-check.js'
import { createRetryBudget, type RetryBudget } from './retry-budget.js'
import { createSlots } from './slots.js'
import type { Target, TargetTally } from './target.js'
import { parseTargetUrl } from './target-url.js'
import { createUpstreamPool, type TargetTls } from './upstream-pool.js'

export interface UpstreamOptions {
  /** At least one. */
  targets: ReadonlyArray<{ url: string; weight: number }>
  /** How long an idle connection is kept, in milliseconds. */
  keepAliveMs: number
  /** Requests and upgraded connections in flight to one target at once. */
  limitConnections: number
  /** Requests that may wait for a connection to one target. */
  limitWaiting: number
  ejection: EjectionOptions
  /** Requests that may be sent once more, in percent of all. */
  retryPercent: number
  /** Off without a path. */
  healthCheck: HealthCheckOptions & { path?: string | undefined }
  tls: TargetTls
}

/** What an upstream needs of the gateway. */
export interface UpstreamParts {
  clock: Clock
  log: Log
  deadlines: Deadlines
  resolve: Resolve
  /** Where the answers of many connections are read to, one after another. */
  readBuffer: Buffer
  /** What is written of requests, and has not gone out yet. */
  departures: Departures
  /** Counts for the target of this URL. */
  tallyOf: (url: string) => TargetTally
}

/** A service behind: its targets, and which of them is next. */
export interface Upstream {
  /**
   * The target for a request, or `undefined` when there is none that works, but for those that it
   * has `tried`.
   */
  choose(tried: readonly Target[]): Target | undefined
  readonly targets: readonly Target[]
  readonly retryBudget: RetryBudget
  /** Ends the health checks and the idle connections. */
  close(): void
}

/** @throws RangeError for a URL that is none of a target */
export const createUpstream = (options: UpstreamOptions, parts: UpstreamParts): Upstream => {
  const targets = createTargets(options, parts)
  const { path, ...check } = options.healthCheck
  const stopChecks =
    path === undefined ? [] : targets.map((target) => startHealthCheck(target, path, check, parts))
  const balance = createBalance()
  const [only] = targets.length === 1 ? targets : []

  const choose = (tried: readonly Target[]): Target | undefined => {
    const working = targets.filter((target) => !target.isDown && !tried.includes(target))
    if (working.length === 0) return undefined
    // Each is a preference: where all are out, those that did well last are tried, or else any.
    const good = working.filter(({ record }) => !record.isOut())
    const some = good.length > 0 ? good : preferred(working, ({ record }) => record.didWell())
    return balance(preferred(some, ({ slots }) => !slots.isFull))
  }

  return {
    choose: (tried) =>
      only && tried.length === 0 ? (only.isDown ? undefined : only) : choose(tried),
    targets,
    retryBudget: createRetryBudget(options.retryPercent),
    close: () => {
      for (const stop of stopChecks) stop()
      for (const { pool } of targets) pool.close()
    },
  }
}

const preferred = (
  from: readonly Target[],
  isBetter: (one: Target) => boolean,
): readonly Target[] => {
  const better = from.filter(isBetter)
  return better.length > 0 ? better : from
}

const createTargets = (options: UpstreamOptions, parts: UpstreamParts): Target[] => {
  const { clock, log, deadlines, departures, readBuffer } = parts
  const ejection = createEjection(clock, options.targets.length, options.ejection)
  return options.targets.map(({ url, weight }): Target => {
    const address = parseTargetUrl(url)
    const { connect, authority, basePath } = address
    const lookup = createLookup(parts.resolve)
    const { keepAliveMs, tls } = options
    const slots = createSlots(options.limitConnections, options.limitWaiting)
    return {
      name: url,
      connect,
      authority,
      basePath,
      weight,
      get inFlight() {
        return slots.taken
      },
      pool: createUpstreamPool({
        address,
        keepAliveMs,
        lookup,
        tls,
        deadlines,
        departures,
        readBuffer,
      }),
      slots,
      record: ejection.createRecord((forMs) =>
        log({ event: 'target_ejected', target: url, forMs }),
      ),
      tally: parts.tallyOf(url),
      isDown: false,
    }
  })
}
