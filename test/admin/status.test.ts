import { PassThrough } from 'node:stream'
import t, { type Test } from 'tap'
import { createLatencies } from '../../lib/admin/latencies.js'
import type { SampleSource } from '../../lib/admin/sample.js'
import type { Snapshot } from '../../lib/admin/snapshot.js'
import { createStatus } from '../../lib/admin/status.js'
import type { Exchange } from '../../lib/http/exchange.js'
import type { Handler } from '../../lib/http/router.js'
import type { GatewayOptions } from '../../lib/index.js'
import { bearer, NOWHERE, startGateway } from '../support/gateways.js'
import { createManualClock } from '../support/manual-clock.js'
import { operatorOf, WITH_ADMIN } from '../support/operator.js'
import { startHttpService } from '../support/services.js'
import { wake } from '../support/ticks.js'
import { until } from '../support/until.js'

const start = async (t: Test, options: Partial<GatewayOptions>) => {
  const gateway = await startGateway(t, { ...WITH_ADMIN, ...options })
  const operator = operatorOf(gateway)
  const history = async (): Promise<Snapshot[]> => {
    const status = (await (await operator.call('GET', '/v1/status')).json()) as {
      history: Snapshot[]
    }
    return status.history
  }
  /** Samples of overload sleep too. */
  const second = (): Promise<void> => wake(gateway.clock, 1_000, 2)
  return { ...gateway, operator, history, second }
}

t.test('a snapshot tells what the second before it was like', async (t) => {
  const good = await startHttpService(t, (_, response) => response.end('ok'))
  const routes = [
    { path: '/good', upstream: good.url },
    { path: '/bad', upstream: NOWHERE },
  ]
  const { origin, history, second, events } = await start(t, { routes })
  const get = async (path: string, headers = {}): Promise<void> =>
    void (await (await fetch(`${origin}/v1/proxy${path}`, { headers })).text())
  await get('/good/a', bearer())
  await get('/good/a', bearer())
  await get('/bad', bearer())
  await get('/good/a')
  await until('all is told', () => events.filter(({ event }) => event === 'request').length === 4)
  await second()
  const [snapshot] = await history()
  t.match(snapshot, {
    ready: { status: 'ready', checks: [{ name: 'accepting', ready: true }] },
    requests: {
      per_second: 4,
      by_status: { '2xx': 2, '4xx': 1, '5xx': 1 },
      p50_ms: Number,
      p99_ms: Number,
    },
    open: { connections: Number, requests: 0, streams: 0 },
    hash_queue: { waiting: 0, running: 0 },
    memory: { rss_bytes: Number, heap_bytes: Number },
    cpu_share: Number,
    overload: 'none',
  })
  const told = snapshot?.refusals.toSorted((one, other) => (one.reason < other.reason ? -1 : 1))
  t.same(told, [
    { reason: 'no_token', total: 1, per_second: 1 },
    { reason: 'upstream_unreachable', total: 1, per_second: 1 },
  ])
  t.match(snapshot?.newest_refusals, [
    { method: 'GET', route: '/v1/proxy/good/*', status: 401, reason: 'no_token' },
    { method: 'GET', route: '/v1/proxy/bad', status: 502, reason: 'upstream_unreachable' },
  ])
  t.match(snapshot?.targets, [
    { route: '/v1/proxy/good/*', target: good.url, per_second: 2, share: 1, p95_ms: Number },
    { route: '/v1/proxy/bad/*', target: NOWHERE, per_second: 0, share: 0, failures: 1 },
  ])
  await second()
  const [before, next] = await history()
  t.same(before?.newest_refusals, [], 'they are told once')
  t.equal(next?.newest_refusals.length, 2)
  t.match(next?.requests, { per_second: 0, p50_ms: null, by_status: {} })
  t.match(next?.refusals[0], { total: 1, per_second: 0 })
  t.match(next?.targets[0], { per_second: 0, p95_ms: null })
})

t.test('snapshots are streamed, and the streams end with the gateway', async (t) => {
  const { gateway, operator, second, clock } = await start(t, {})
  const response = await operator.call('GET', '/v1/status/events')
  t.match(response.headers.get('content-type'), 'text/event-stream')
  t.equal(response.headers.get('cache-control'), 'no-store')
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  await second()
  const { value = '' } = (await reader?.read()) ?? {}
  t.match(value, /^event: snapshot\ndata: \{"at":\d+,.*\}\n\n$/)
  const head = await operator.call('HEAD', '/v1/status/events')
  t.equal(head.status, 200)
  const closed = gateway.close()
  while (!(await reader?.read())?.done);
  await closed
  clock.advance(1_000)
  await until('no snapshot is taken any more', () => clock.sleepers === 0)
})

t.test('five minutes are kept', async (t) => {
  const { history, second } = await start(t, {})
  for (let i = 0; i < 302; i++) await second()
  const all = await history()
  t.equal(all.length, 300)
  t.equal((all.at(-1)?.at ?? 0) - (all[0]?.at ?? 0), 299_000)
})

t.test('so many of the last seconds are shown as are asked for', async (t) => {
  const { operator, second } = await start(t, {})
  for (let i = 0; i < 3; i++) await second()
  const ask = async (query: string) => {
    const response = await operator.call('GET', `/v1/status${query}`)
    const { history, code, errors } = (await response.json()) as {
      history?: Snapshot[]
      code?: string
      errors?: unknown[]
    }
    return { status: response.status, count: history?.length, code, errors }
  }
  for (const [query, count] of [
    ['?last=1', 1],
    ['?last=2', 2],
    ['?last=300', 3],
    ['', 3],
  ] as const)
    t.match(await ask(query), { status: 200, count }, query)
  const whole = 'must be a whole number from 1 to 300'
  for (const [query, ...errors] of [
    ['?last=0', { field: 'last', detail: whole }],
    ['?last=301', { field: 'last', detail: whole }],
    ['?last=1.5', { field: 'last', detail: whole }],
    ['?last=', { field: 'last', detail: whole }],
    ['?last=1&last=2', { field: 'last', detail: 'comes twice' }],
    [
      '?last=x&a=1',
      { field: 'last', detail: whole },
      { field: 'a', detail: 'must be one of: last' },
    ],
  ] as const)
    t.match(await ask(query), { status: 400, code: 'invalid_request', errors }, query)
})

t.test('who does not read is cut, and costs no more memory than that', async (t) => {
  const clock = createManualClock()
  const source: SampleSource = {
    checks: [{ name: 'x'.repeat(100_000), isReady: () => true, isVital: true }],
    targets: () => [],
    connections: () => 0,
    requests: () => 0,
    streams: () => 0,
    hashing: { waiting: 0, running: 0 },
    loopDelayMs: () => 0,
    statusClass: () => '2xx',
    overload: () => 1,
  }
  const guard = (handler: Handler): Handler => handler
  const status = createStatus({ source, version: '1.2.3', clock, guard, fellows: undefined })
  status.start()
  const follow = status.routes.find(({ pattern }) => pattern === '/v1/status/events')?.methods
  /** The half of an answer that `follow` uses. */
  const unread = () =>
    Object.assign(new PassThrough(), { writeHead: () => {}, flushHeaders: () => {} })
  const response = unread()
  const request = { method: 'GET' }
  const get = (follow as Record<string, Handler>)['GET']
  await get?.({ request, response, requestId: 'a' } as unknown as Exchange)
  let seconds = 0
  while (!response.destroyed && seconds++ < 20) await wake(clock, 1_000, 1)
  t.equal(seconds, 12)
  t.ok(response.writableLength < 1.2e6)
  status.stop()
  const late = unread()
  await get?.({ request, response: late, requestId: 'b' } as unknown as Exchange)
  t.ok(late.writableEnded, 'who comes when it ends is not kept')
})

t.test('durations are known to a tenth', (t) => {
  const latencies = createLatencies()
  t.equal(latencies.quantile(0.5), null)
  for (let i = 1; i <= 1_000; i++) latencies.observe(i)
  for (const share of [0.01, 0.5, 0.95, 0.99, 1]) {
    const found = latencies.quantile(share) ?? 0
    t.ok(found >= 1_000 * share && found <= 1_100 * share, `${share}: ${found}`)
  }
  latencies.clear()
  t.equal(latencies.quantile(0.5), null)
  latencies.observe(0)
  latencies.observe(1e12)
  t.equal(latencies.quantile(0.5), 0.05)
  t.ok((latencies.quantile(1) ?? 0) > 600_000)
  t.end()
})
