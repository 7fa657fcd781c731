import type { LogEvent } from './log.js'
import { reloadOf } from './log-events.js'
import { createCounters, createHistograms, type Family } from './metrics/family.js'

/** Metrics of what the log is told of. */
export interface EventMetrics {
  readonly families: readonly Family[]
  readonly take: (event: LogEvent) => void
}

export const createEventMetrics = (): EventMetrics => {
  const requests = createHistograms(
    {
      name: 'passport_gateway_request_duration_seconds',
      help: 'Requests, by how long it took until the last byte of the answer was sent; of a WebSocket, until it ended.',
      labels: ['route', 'method', 'status'],
    },
    SECONDS,
  )
  const aborted = createCounters({
    name: 'passport_gateway_requests_aborted_total',
    help: 'Requests whose clients did not get the whole answer.',
    labels: ['route'],
  })
  const operations = createCounters({
    name: 'passport_gateway_auth_operations_total',
    help: 'Requests to the endpoints of accounts, by what came of them.',
    labels: ['operation', 'result'],
  })
  const ejections = createCounters({
    name: 'passport_gateway_target_ejections_total',
    help: 'How often a target got no requests for a while, as it had failed several times in a row.',
    labels: ['target'],
  })
  const refused = createCounters({
    name: 'passport_gateway_connections_refused_total',
    help: 'Connections that were refused before there was a request.',
    labels: ['cause'],
  })
  const reloads = createCounters({
    name: 'passport_gateway_reloads_total',
    help: 'Files that had changed and were taken, or could not be used.',
    labels: ['file', 'result'],
  })
  const failed = createCounters({
    name: 'passport_gateway_internal_errors_total',
    help: 'Requests at which the gateway itself failed.',
  })

  const takeRequest = (event: Extract<LogEvent, { event: 'request' }>): void => {
    const { route, method, status, durationMs, reason } = event
    requests.of(route, method, statusClass(status)).observe(durationMs / 1_000)
    if (event.aborted) aborted.of(route).add()
    if (route.startsWith(ACCOUNTS))
      operations
        .of(route.slice(ACCOUNTS.length), reason ?? (status === 0 ? 'aborted' : 'succeeded'))
        .add()
  }

  return {
    families: [requests, aborted, operations, ejections, refused, reloads, failed],
    take: (event) => {
      if (event.event === 'request') takeRequest(event)
      else if (event.event === 'target_ejected') ejections.of(event.target).add()
      else if (event.event === 'connection_refused') refused.of(event.cause).add()
      else if (event.event === 'handler_failed') failed.of().add()
      else {
        const reload = reloadOf(event)
        if (reload) reloads.of(reload.kind, reload.isTaken ? 'taken' : 'failed').add()
      }
    },
  }
}

const ACCOUNTS = '/v1/auth/'

/** `2xx` for 201; `none` for 0, where there was no answer, and `other` for what HTTP does not know. */
export const statusClass = (status: number): string => CLASSES[Math.trunc(status / 100)] ?? 'other'

const CLASSES = ['none', '1xx', '2xx', '3xx', '4xx', '5xx']

/** Upper bounds of the buckets of durations, in seconds. */
export const SECONDS: readonly number[] = [
  0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30,
]
