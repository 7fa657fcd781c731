import type { Check } from './admin/health.js'
import { createReading, type Description, type Family, type Together } from './metrics/family.js'
import type { Resource } from './overload/overload.js'

/** What parts of a gateway say when they are asked. */
export interface Parts {
  checks: readonly Check[]
  connections: () => number
  requests: () => number
  streams: () => number
  hashing: { readonly waiting: number; readonly running: number }
  levelOf: (resource: Resource['name']) => number
  loopDelayMs: () => number
  /** How old the copy of the revocations is; `undefined` where there is none. */
  replicaAgeMs: (() => number) | undefined
}

/** Metrics of how things are at present. */
export const createPartMetrics = (parts: Parts): Family[] => {
  const gauge = (
    name: string,
    help: string,
    measure: () => number,
    together: Together = 'sum',
  ): Family =>
    createReading('gauge', { name: `passport_gateway_${name}`, help, together }, (show) =>
      show([], measure()),
    )
  const { hashing, replicaAgeMs } = parts
  return [
    of('ready', 'Whether a part can do its work.', 'part', 'least', () =>
      parts.checks.map(({ name, isReady }) => [name, Number(isReady())]),
    ),
    gauge('connections', 'Connections of clients.', parts.connections),
    gauge('requests_in_flight', 'Requests in flight, without WebSockets.', parts.requests),
    gauge('tunnels', 'WebSockets and other upgraded connections.', parts.streams),
    gauge('hash_queue_waiting', 'Passwords waiting to be hashed.', () => hashing.waiting),
    gauge('hash_queue_running', 'Passwords being hashed.', () => hashing.running),
    of('overload_level', 'Limit that is reached: 0 none, 1 soft, 2 hard.', 'resource', 'most', () =>
      RESOURCES.map((name) => [name, parts.levelOf(name)]),
    ),
    gauge(
      'event_loop_delay_seconds',
      'How long the event loop lets what is due wait, smoothed over the recent past.',
      () => parts.loopDelayMs() / 1_000,
      'most',
    ),
    ...(replicaAgeMs
      ? [
          gauge(
            'revocations_age_seconds',
            'Since when nothing was heard of what other gateways revoke.',
            () => replicaAgeMs() / 1_000,
            'most',
          ),
        ]
      : []),
  ]
}

/** What there is only so much of. */
export const RESOURCES = ['loop_delay', 'memory', 'connections', 'requests'] as const

const of = (
  name: string,
  help: Description['help'],
  label: string,
  together: Together,
  measure: () => Array<[string, number]>,
): Family =>
  createReading(
    'gauge',
    { name: `passport_gateway_${name}`, help, labels: [label], together },
    (show) => measure().forEach(([value, reading]) => show([value], reading)),
  )
