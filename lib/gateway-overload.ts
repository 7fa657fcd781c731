import { HEALTH_PATHS, type Check } from './admin/health.js'
import type { Clock } from './clock.js'
import type { Config } from './config.js'
import type { Admission } from './http/admission.js'
import type { Log } from './log.js'
import { createLoopDelay } from './overload/loop-delay.js'
import { residentBytes, usableBytes } from './overload/memory.js'
import { createOverload, type Overload, type Resource } from './overload/overload.js'
import { asksForEvents } from './proxy/event-stream.js'

export interface OverloadParts {
  clock: Clock
  log: Log
  /** How many client connections there are. */
  connections: () => number
  /** How many requests are in flight. */
  requests: () => number
  /** Closes connections on which nothing happens. */
  closeStale: () => void
  /** How many processes share the machine. */
  processes: number
}

/** What becomes of requests while there is too much of something. Not yet started. */
export interface GatewayOverload {
  /** Whether connections end behind their answers. */
  isStrained(): boolean
  admission: Admission
  checks: readonly Check[]
  levelOf: Overload['levelOf']
  loopDelayMs: () => number
  start(): void
  stop(): void
}

export const createGatewayOverload = (config: Config, parts: OverloadParts): GatewayOverload => {
  const { clock, log, connections, requests, closeStale, processes } = parts
  const thresholds = thresholdsOf(config, usableBytes() / processes)
  const loopDelay = createLoopDelay(LONGEST_SHARE * thresholds.loop_delay.hardLimit)
  const resources: Resource[] = [
    { name: 'loop_delay', ...thresholds.loop_delay, measure: loopDelay.measure },
    { name: 'memory', ...thresholds.memory, measure: residentBytes, relieve: closeStale },
    { name: 'connections', ...thresholds.connections, measure: connections, relieve: closeStale },
    { name: 'requests', ...thresholds.requests, measure: requests },
  ]
  const overload = createOverload({ resources, clock, log })
  return {
    isStrained: () => !overload.isCalm,
    admission: admissionOf(overload),
    checks: resources.map(({ name }) => ({
      name,
      isReady: () => overload.levelOf(name) === 0,
      reason: () => `beyond its ${overload.levelOf(name) === 2 ? 'hard' : 'soft'} limit`,
      isVital: false, // it would take out one gateway after another, with what is left for fewer each time
    })),
    levelOf: overload.levelOf,
    loopDelayMs: () => loopDelay.latestMs,
    start: () => {
      loopDelay.start()
      overload.start()
    },
    stop: () => {
      overload.stop()
      loopDelay.stop()
    },
  }
}

// A single stall of the process counts for less than it takes to begin the hard level.
const LONGEST_SHARE = 2

/** Where each level begins, by the options and, where they say nothing, by the share of the machine. */
export const thresholdsOf = (
  { limits, overload }: Pick<Config, 'limits' | 'overload'>,
  machineBytes: number,
): Record<Resource['name'], Pick<Resource, 'softLimit' | 'hardLimit'>> => {
  const { loopDelayHardMs, memorySoftBytes, requestsSoft } = overload
  const memoryHard = overload.memoryHardBytes ?? Math.max(0.9 * machineBytes, memorySoftBytes ?? 0)
  const requestsHard = overload.requestsHard ?? Math.max(limits.connections, requestsSoft ?? 0)
  return {
    loop_delay: {
      softLimit: overload.loopDelaySoftMs ?? 0.2 * loopDelayHardMs,
      hardLimit: loopDelayHardMs,
    },
    memory: { softLimit: memorySoftBytes ?? 0.9 * memoryHard, hardLimit: memoryHard },
    // Beyond the hard limit they are closed as they come; those that are there are served.
    connections: {
      softLimit: overload.connectionsSoft ?? 0.8 * limits.connections,
      hardLimit: Infinity,
    },
    requests: { softLimit: requestsSoft ?? 0.8 * requestsHard, hardLimit: requestsHard },
  }
}

/** Refuses streams from the soft limit on, and all but health endpoints from the hard one on. */
const admissionOf = (overload: Overload): Admission => ({
  get isOpen() {
    return overload.isCalm
  },
  refuses: (exchange) =>
    overload.isHard
      ? !HEALTH_PATHS.has(exchange.path)
      : exchange.upgrade !== undefined || asksForEvents(exchange),
})
