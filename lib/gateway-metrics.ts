import type { TargetView } from './admin/sample.js'
import type { Authenticate } from './auth/authenticate.js'
import { createEventMetrics, SECONDS } from './event-metrics.js'
import type { Outcome } from './idempotency/idempotent.js'
import type { Log } from './log.js'
import { createCounters, createHistograms, type Family } from './metrics/family.js'
import type { TargetTally } from './proxy/target.js'
import type { OnOperation } from './timed-engine.js'
import { createUpstreamMetrics, type RoutedTarget } from './upstream-metrics.js'

/** Where a gateway counts what it does. */
export interface GatewayMetrics {
  readonly families: readonly Family[]
  /** Counts what the log is told. */
  readonly take: Log
  /** Counts what becomes of requests to a target of a route. */
  readonly tallyOf: (route: string, target: string) => TargetTally
  /** How each target is. */
  readonly views: () => TargetView[]
  /** The same, and counts what it decides. */
  readonly counting: (authenticate: Authenticate) => Authenticate
  readonly onForged: () => void
  readonly onOutcome: (outcome: Outcome) => void
  /** The turn of a password to be hashed came. */
  readonly onHashTurn: (waitedMs: number) => void
  onStoreOperation: OnOperation
}

/** @param targets gives those that there are when it is called */
export const createGatewayMetrics = (targets: () => readonly RoutedTarget[]): GatewayMetrics => {
  const events = createEventMetrics()
  const upstream = createUpstreamMetrics(targets)
  const decisions = createCounters({
    name: 'passport_gateway_auth_decisions_total',
    help: 'Requests whose token was looked at, by whether there is a caller, and why not.',
    labels: ['result', 'reason'],
  })
  const forged = createCounters({
    name: 'passport_gateway_forged_fields_dropped_total',
    help: 'Header fields of clients that only the gateway may set, and that it dropped.',
  })
  const outcomes = createCounters({
    name: 'passport_gateway_idempotency_outcomes_total',
    help: 'Signups with an Idempotency-Key, by what came of the key.',
    labels: ['outcome'],
  })
  const waits = createHistograms(
    {
      name: 'passport_gateway_hash_queue_wait_seconds',
      help: 'How long passwords waited for their turn to be hashed.',
    },
    SECONDS,
  )
  const operations = createHistograms(
    {
      name: 'passport_gateway_store_operation_duration_seconds',
      help: 'Operations of the stores, by how long they took.',
      labels: ['part', 'operation', 'result'],
    },
    SECONDS,
  )
  const accepted = decisions.of('accepted', '')
  const dropped = forged.of()
  const wait = waits.of()

  return {
    families: [
      ...events.families,
      decisions,
      forged,
      ...upstream.families,
      outcomes,
      waits,
      operations,
    ],
    take: events.take,
    tallyOf: upstream.tallyOf,
    views: upstream.views,
    counting: (authenticate) => (raw, nowSeconds, isUpgrade) => {
      const result = authenticate(raw, nowSeconds, isUpgrade)
      if (result.ok) accepted.add()
      else decisions.of('refused', result.reason).add()
      return result
    },
    onForged: () => dropped.add(),
    onOutcome: (outcome) =>
      outcomes
        .of('problem' in outcome ? outcome.problem : outcome.replayed ? 'replayed' : 'ran')
        .add(),
    onHashTurn: (waitedMs) => wait.observe(waitedMs / 1_000),
    onStoreOperation: (part, operation, ms, isFailed) =>
      operations.of(part, operation, isFailed ? 'failed' : 'done').observe(ms / 1_000),
  }
}
