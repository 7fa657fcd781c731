import type { Clock } from '../clock.js'
import type { Log } from '../log.js'
import { createGauge, type Gauge, type Thresholds } from './gauge.js'

/** Something that there is only so much of. */
export interface Resource extends Thresholds {
  name: 'loop_delay' | 'memory' | 'connections' | 'requests'
  /** How much of it is used now. */
  measure: () => number
  /** Gives some of it back; called with each sample above the soft limit. */
  relieve?: () => void
}

/** Looks at resources again and again. */
export interface Overload {
  /** Whether no resource is used up to its soft limit. */
  readonly isCalm: boolean
  /** Whether one is used up to its hard limit. */
  readonly isHard: boolean
  /** 1 where this one is used up to its soft limit, 2 up to its hard one, 0 otherwise. */
  readonly levelOf: (name: Resource['name']) => number
  /** Takes the first sample after a quarter of a second, and one in each from then on. */
  start(): void
  /** No sample is taken any more. */
  stop(): void
}

interface OverloadOptions {
  resources: readonly Resource[]
  clock: Clock
  log: Log
}

/** Not yet started. */
export const createOverload = ({ resources, clock, log }: OverloadOptions): Overload => {
  const watched = resources.map((resource) => ({ resource, gauge: createGauge(resource) }))
  let isStopped = false
  let isCalm = true
  let isHard = false

  const sample = ({ resource, gauge }: { resource: Resource; gauge: Gauge }): void => {
    const before = gauge.level
    const value = resource.measure()
    gauge.take(value)
    tell(resource.name, value, before, gauge.level)
    if (gauge.level > 0) resource.relieve?.()
  }

  // Each level that began is told to end.
  const tell = (resource: string, value: number, before: number, after: number): void => {
    const rounded = Math.round(value)
    for (const limit of LEVELS.slice(before, after))
      log({ event: 'overload_began', resource, limit, value: rounded })
    for (const limit of LEVELS.slice(after, before).reverse())
      log({ event: 'overload_ended', resource, limit, value: rounded })
  }

  const run = async (): Promise<void> => {
    for (;;) {
      await clock.sleep(SAMPLE_MS)
      if (isStopped) return
      for (const one of watched) sample(one)
      isCalm = watched.every(({ gauge }) => gauge.level === 0)
      isHard = watched.some(({ gauge }) => gauge.level === 2)
    }
  }

  return {
    get isCalm() {
      return isCalm
    },
    get isHard() {
      return isHard
    },
    levelOf: (name) => watched.find(({ resource }) => resource.name === name)?.gauge.level ?? 0,
    start: () => void run(),
    stop: () => {
      isStopped = true
    },
  }
}

const LEVELS = ['soft', 'hard'] as const

/** Between two samples, in milliseconds. */
export const SAMPLE_MS = 250
