import type { Weighted } from './balancer.js'
import type { TargetRecord } from './ejection.js'
import type { Slots } from './slots.js'
import type { TargetAddress } from './target-url.js'
import type { UpstreamPool } from './upstream-pool.js'

/** Counts what becomes of requests to a target. */
export interface TargetTally {
  /** One is sent to it; `isAgain` where it was sent before, to it or to another. */
  sent(isAgain: boolean): void
  /** Its answer began, so many milliseconds later. */
  answered(status: number, ms: number): void
  /** It failed; both are safe to log. */
  failed(phase: string, cause: string): void
}

/** One place where a service answers, and what is known of it. */
export interface Target extends Weighted {
  /** Its URL; safe to log. */
  readonly name: string
  readonly connect: TargetAddress['connect']
  readonly authority: string
  readonly basePath: string
  /** The connections to it. */
  readonly pool: UpstreamPool
  readonly slots: Slots
  /** What its requests told. */
  readonly record: TargetRecord
  readonly tally: TargetTally
  /** Whether the health checks say that it does not work. */
  isDown: boolean
}
