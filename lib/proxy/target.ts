import type { Agent } from 'node:http'
import type { Weighted } from './balancer.js'
import type { TargetRecord } from './ejection.js'
import type { Slots } from './slots.js'

/** One place where a service answers, and what is known of it. */
export interface Target extends Weighted {
  /** Its URL; safe to log. */
  readonly name: string
  readonly authority: string
  readonly basePath: string
  readonly protocol: 'http:' | 'https:'
  /** Keeps connections for the next request. */
  readonly agent: Agent
  /** Makes one connection a request. */
  readonly freshAgent: Agent
  readonly slots: Slots
  /** What its requests told. */
  readonly record: TargetRecord
  /** Whether the health checks say that it does not work. */
  isDown: boolean
}
