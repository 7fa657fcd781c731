import { lookup } from 'node:dns'
import t from 'tap'
import { createDeadlines } from '../../lib/http/deadlines.js'
import { Departures } from '../../lib/http/departures.js'
import type { LogEvent } from '../../lib/log.js'
import { createUpstream } from '../../lib/proxy/upstream.js'
import { certificateFile } from '../support/certificates.js'
import { bearer, NOWHERE, startGateway } from '../support/gateways.js'
import { createManualClock } from '../support/manual-clock.js'
import { connectRaw } from '../support/raw-client.js'
import { startSecure } from '../support/secure-services.js'
import { startHttpService, startRawService } from '../support/services.js'
import { until } from '../support/until.js'

const HEALTH = { path: '/health?deep=1', intervalMs: 5_000, timeoutMs: 2_000 }

/** A service whose health can be set, and that counts what it is asked. */
const startPatient = async (t: Parameters<typeof startHttpService>[0]) => {
  const patient = { status: 200, checks: 0, requests: 0, url: '', agent: '' }
  const service = await startHttpService(t, ({ url, headers }, response) => {
    if (url === '/health?deep=1') {
      patient.checks++
      patient.agent = String(headers['user-agent'])
      if (patient.status === 101)
        response.writeHead(101, { Connection: 'Upgrade', Upgrade: 'x' }).flushHeaders()
      else if (patient.status > 0) response.writeHead(patient.status).end()
      return
    }
    patient.requests++
    response.end('ok')
  })
  patient.url = service.url
  return patient
}

t.test('a target that fails its checks gets no requests until it passes them', async (t) => {
  const sick = await startPatient(t)
  const well = await startPatient(t)
  const { origin, clock, events } = await startGateway(t, {
    upstream: [sick.url, well.url],
    healthCheck: { ...HEALTH, healthyAfter: 2, unhealthyAfter: 3 },
  })
  const ask = async (times: number): Promise<void> => {
    for (let i = 0; i < times; i++)
      t.equal((await fetch(`${origin}/v1/proxy/`, { headers: bearer() })).status, 200)
  }
  const nextCheck = async (): Promise<void> => {
    const { checks } = sick
    await until('both sleep, and the samples', () => clock.sleepers === 3)
    clock.advance(5_000)
    await until('the next check', () => sick.checks > checks)
    await until('both sleep, and the samples', () => clock.sleepers === 3)
  }
  await until('both are checked', () => sick.checks > 0 && well.checks > 0)
  t.equal(sick.agent, 'passport-gateway')
  sick.status = 500
  for (let i = 0; i < 2; i++) await nextCheck()
  await ask(20)
  t.ok(sick.requests > 0, 'two failures are not enough')
  await nextCheck()
  t.same(
    events.filter(({ event }) => event === 'target_down'),
    [{ event: 'target_down', target: sick.url, cause: 'status_500' }],
  )
  const before = sick.requests
  await ask(20)
  t.equal(sick.requests, before)
  sick.status = 302
  await nextCheck()
  await ask(10)
  t.equal(sick.requests, before, 'one success is not enough')
  await nextCheck()
  t.ok(events.some(({ event }) => event === 'target_up'))
  await ask(20)
  t.ok(sick.requests > before)
})

t.test('where none is left, it is said at once, and with when to come again', async (t) => {
  const sick = await startPatient(t)
  const { origin, clock, events } = await startGateway(t, {
    upstream: sick.url,
    healthCheck: { ...HEALTH, unhealthyAfter: 1, healthyAfter: 1 },
  })
  await until('the first check', () => clock.sleepers === 2)
  sick.status = 0
  clock.advance(5_000)
  await until('the check hangs', () => sick.checks === 2)
  clock.advance(2_000)
  await until('it is down', () => events.some(({ event }) => event === 'target_down'))
  t.match(events.at(-1), { cause: 'timeout' })
  const response = await fetch(`${origin}/v1/proxy/`, { headers: bearer() })
  t.equal(response.status, 503)
  t.equal(response.headers.get('Retry-After'), '1')
  t.match(await response.json(), { code: 'upstream_unavailable' })
  t.equal(sick.requests, 0)
  sick.status = 101
  await until('it sleeps', () => clock.sleepers === 2)
  clock.advance(5_000)
  await until('it is checked', () => sick.checks === 3)
  await until('it sleeps', () => clock.sleepers === 2)
  const isUp = (): boolean => events.some(({ event }) => event === 'target_up')
  t.notOk(isUp(), 'one that switches protocols fails too')
  sick.status = 200
  clock.advance(5_000)
  await until('it is up', isUp)
  t.equal((await fetch(`${origin}/v1/proxy/`, { headers: bearer() })).status, 200)
})

t.test('a target is checked over TLS as it is asked', async (t) => {
  const { url: upstream } = await startSecure(t, 'localhost')
  const healthCheck = { ...HEALTH, unhealthyAfter: 1 }
  for (const [upstreamTls, status] of [
    [{ caFile: certificateFile('ca.pem') }, 200],
    [{}, 503],
  ] as const) {
    const { origin, clock } = await startGateway(t, { upstream, healthCheck, upstreamTls })
    await until('it is checked', () => clock.sleepers === 2)
    t.equal((await fetch(`${origin}/v1/proxy/`, { headers: bearer() })).status, status)
  }
})

t.test('a check does not wait behind the requests of a full target', async (t) => {
  let checks = 0
  const service = await startHttpService(t, ({ url, headers }, response) => {
    if (url !== '/health?deep=1') return void (headers.upgrade && response.flushHeaders())
    checks++
    response.end()
  })
  const { port, clock, events } = await startGateway(t, {
    upstream: service.url,
    healthCheck: { ...HEALTH, unhealthyAfter: 1 },
    limits: { targetConnections: 1 },
  })
  await until('the first check', () => clock.sleepers === 2)
  const client = connectRaw(t, port)
  client.send(
    'GET /v1/proxy/ HTTP/1.1',
    'Host: a',
    `Authorization: ${bearer().Authorization}`,
    'Connection: Upgrade',
    'Upgrade: talk',
    '',
    '',
  )
  await client.until(/^HTTP/)
  clock.advance(5_000)
  await until('the next check', () => checks === 2)
  await until('it passes', () => clock.sleepers === 2)
  t.notOk(events.some(({ event }) => event === 'target_down'))
})

t.test('closing the gateway ends the checks', async (t) => {
  const service = await startRawService(t, () => {})
  const { gateway, clock } = await startGateway(t, {
    upstream: service.url,
    healthCheck: HEALTH,
  })
  await until('a check hangs', () => service.connections.length === 1)
  await gateway.close()
  await until('it is given up', () => service.connections[0]?.isClosed === true)
  clock.advance(60_000)
  t.equal(clock.sleepers, 0)
  const patient = await startPatient(t)
  const other = await startGateway(t, { upstream: patient.url, healthCheck: HEALTH })
  await until('it sleeps', () => other.clock.sleepers === 2)
  await other.gateway.close()
  other.clock.advance(60_000)
  await until('it wakes no more', () => other.clock.sleepers === 0)
  t.equal(patient.checks, 1)
})

t.test('a check that cannot even be asked for is one that fails', async (t) => {
  const clock = createManualClock()
  const events: LogEvent[] = []
  const upstream = createUpstream(
    {
      targets: [{ url: NOWHERE, weight: 1 }],
      keepAliveMs: 1,
      limitConnections: 1,
      limitWaiting: 0,
      ejection: { failures: 1, baseMs: 1, longestMs: 1, maxPercent: 0 },
      retryPercent: 0,
      healthCheck: {
        path: '/a b',
        intervalMs: 1,
        timeoutMs: 1,
        healthyAfter: 1,
        unhealthyAfter: 1,
      },
      tls: {},
    },
    {
      clock,
      log: (event) => void events.push(event),
      deadlines: createDeadlines(clock),
      resolve: lookup,
      departures: new Departures(),
      readBuffer: Buffer.alloc(0),
      tallyOf: () => ({ sent: () => {}, answered: () => {}, failed: () => {} }),
    },
  )
  await until('it is told', () => events.length > 0)
  upstream.close()
  t.same(events, [{ event: 'target_down', target: NOWHERE, cause: 'invalid_request' }])
})
