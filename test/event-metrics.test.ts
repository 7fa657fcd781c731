import t from 'tap'
import { createEventMetrics, statusClass } from '../lib/event-metrics.js'
import type { LogEvent } from '../lib/index.js'
import { OPEN_METRICS } from '../lib/metrics/exposition.js'
import { createProcessMetrics } from '../lib/process-metrics.js'
import { parseExposition, valueIn } from './support/exposition.js'

t.test('what the log is told is counted', (t) => {
  const { take, families } = createEventMetrics()
  const target = 'http://a'
  const told: LogEvent[] = [
    { event: 'target_ejected', target, forMs: 1 },
    { event: 'handler_failed', requestId: 'a', error: 'Error', at: '' },
    { event: 'tls_reloaded' },
    { event: 'tls_reload_failed', option: 'tls.certFile', cause: 'is missing' },
    { event: 'secrets_reloaded', option: 'jwtSecretsFile', kids: 'a' },
    { event: 'breached_passwords_reload_failed', cause: 'is missing' },
    { event: 'connection_refused', status: 0, cause: 'too_many_of_address' },
    { event: 'closing' },
    {
      event: 'request',
      requestId: 'a',
      method: 'GET',
      route: '/v1/auth/me',
      status: 0,
      durationMs: 1,
      aborted: true,
    },
  ]
  for (const event of told) take(event)
  const shown = parseExposition(OPEN_METRICS.write(families), true)
  const value = (name: string, labels = {}): number | undefined => {
    const family = shown.get(`passport_gateway_${name}`)
    const all = new Map([[`passport_gateway_${name}_total`, family as NonNullable<typeof family>]])
    return valueIn(all, `passport_gateway_${name}_total`, labels)
  }
  t.equal(value('target_ejections', { target }), 1)
  t.equal(value('internal_errors'), 1)
  t.equal(value('reloads', { file: 'tls', result: 'taken' }), 1)
  t.equal(value('reloads', { file: 'tls', result: 'failed' }), 1)
  t.equal(value('reloads', { file: 'secrets', result: 'taken' }), 1)
  t.equal(value('reloads', { file: 'breached_passwords', result: 'failed' }), 1)
  t.equal(value('connections_refused', { cause: 'too_many_of_address' }), 1)
  t.equal(value('auth_operations', { operation: 'me', result: 'aborted' }), 1)
  t.end()
})

t.test('statuses are counted by class', (t) => {
  const classes = [0, 101, 200, 302, 404, 599, 600, 999].map(statusClass)
  t.same(classes, ['none', '1xx', '2xx', '3xx', '4xx', '5xx', 'other', 'other'])
  t.end()
})

t.test('of the process, what can be known', (t) => {
  const shown = (folder?: string) =>
    parseExposition(OPEN_METRICS.write(createProcessMetrics(folder)), true)
  const families = shown()
  t.ok((valueIn(families, 'process_open_fds') ?? 0) > 2)
  t.ok((valueIn(families, 'process_resident_memory_bytes') ?? 0) > 1e7)
  const beganMs = 1_000 * (valueIn(families, 'process_start_time_seconds') ?? 0)
  t.ok(Math.abs(Date.now() - beganMs - 1_000 * process.uptime()) < 1_000)
  t.equal(valueIn(shown('/no/such/folder'), 'process_open_fds'), undefined)
  t.end()
})
