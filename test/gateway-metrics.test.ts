// What the metrics say of a gateway at work.
import { once } from 'node:events'
import { connect } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { GatewayOptions } from '../lib/index.js'
import { createMemoryUsers } from '../lib/stores/memory-users.js'
import type { Engine } from '../lib/stores/engine.js'
import { timedEngine, type OnOperation } from '../lib/timed-engine.js'
import { parseExposition, valueIn, type Exposed } from './support/exposition.js'
import {
  bearer,
  cheapHasher,
  mint,
  NOWHERE,
  postJson,
  startGateway,
  type ManualParts,
} from './support/gateways.js'
import { START_SECONDS } from './support/manual-clock.js'
import { operatorOf, WITH_ADMIN, type Operator } from './support/operator.js'
import { startHttpService } from './support/services.js'
import { until } from './support/until.js'

const start = async (t: Test, options: Partial<GatewayOptions>, parts: ManualParts = {}) => {
  const gateway = await startGateway(t, { ...WITH_ADMIN, ...options }, parts)
  const operator = operatorOf(gateway)
  const metrics = async (): Promise<Map<string, Exposed>> =>
    parseExposition(await (await operator.call('GET', '/metrics')).text())
  /** Waits until a sample has a value: an answer may be there before it is counted. */
  const shows = async (
    value: number | undefined,
    name: string,
    labels: Record<string, string> = {},
  ): Promise<void> => {
    const full = `passport_gateway_${name}`
    await until(`${full} ${JSON.stringify(labels)} is ${value}`, async () => {
      return valueIn(await metrics(), full, labels) === value
    })
  }
  return { ...gateway, operator, metrics, shows }
}

t.test('requests and what was decided of their tokens', async (t) => {
  const service = await startHttpService(t, (request, response) => {
    response.writeHead(request.url === '/gone' ? 404 : 200).end('ok')
  })
  const { origin, shows, operator } = await start(t, { upstream: service.url })
  const get = async (path: string, headers: Record<string, string>): Promise<void> =>
    void (await (await fetch(origin + path, { headers })).text())
  await get('/v1/proxy/a', bearer())
  await get('/v1/proxy/gone', { ...bearer(), 'X.Passport': 'forged', 'x-proxy-state': 'forged' })
  await get('/v1/proxy/a', {})
  await get('/v1/proxy/a', bearer(mint({ exp: START_SECONDS - 1 })))
  await get('/nowhere', {})
  const route = '/v1/proxy/*'
  const count = 'request_duration_seconds_count'
  await shows(1, count, { route, method: 'GET', status: '2xx' })
  await shows(3, count, { route, method: 'GET', status: '4xx' })
  await shows(1, count, { route: '-', method: 'GET', status: '4xx' })
  await shows(2, 'auth_decisions_total', { result: 'accepted', reason: '' })
  await shows(1, 'auth_decisions_total', { result: 'refused', reason: 'no_token' })
  await shows(1, 'auth_decisions_total', { result: 'refused', reason: 'expired' })
  await shows(2, 'forged_fields_dropped_total')
  const target = service.url
  await shows(1, 'upstream_response_seconds_count', { route, target, status: '2xx' })
  await shows(1, 'upstream_response_seconds_count', { route, target, status: '4xx' })
  await shows(0, 'upstream_retries_total', { route, target })
  await shows(1, 'target_up', { route, target })
  await shows(0, 'target_ejected', { route, target })
  const open = await operator.call('GET', '/metrics', undefined, {
    Accept: 'application/openmetrics-text;version=1.0.0,text/plain;q=0.5',
  })
  t.match(open.headers.get('content-type'), /^application\/openmetrics-text; version=1\.0\.0/)
  const families = parseExposition(await open.text(), true)
  t.equal(families.get('passport_gateway_auth_decisions')?.type, 'counter')
  for (const [name, { help }] of families) t.match(help, /\.$/, name)
})

t.test('accounts, and what became of their keys', async (t) => {
  const passwordHasher = cheapHasher()
  const { origin, shows } = await start(t, { throttle: { addressAttempts: 5 } }, { passwordHasher })
  const account = { email: 'ada@example.com', password: 'correct horse' }
  const signUp = (body: unknown, key: string) =>
    postJson(`${origin}/v1/auth/signup`, body, { 'Idempotency-Key': key })
  await signUp(account, 'one')
  await signUp(account, 'one')
  await signUp({ ...account, country: 'IN' }, 'one')
  await signUp(account, 'two')
  for (let i = 0; i < 2; i++) await signUp({}, 'three')
  await postJson(`${origin}/v1/auth/login`, account)
  await postJson(`${origin}/v1/auth/login`, { ...account, password: 'wrong horse' })
  const operation = 'signup'
  await shows(2, 'auth_operations_total', { operation, result: 'succeeded' })
  await shows(1, 'auth_operations_total', { operation, result: 'email_taken' })
  await shows(1, 'auth_operations_total', { operation, result: 'idempotency_key_reused' })
  await shows(1, 'auth_operations_total', { operation, result: 'invalid_request' })
  await shows(1, 'auth_operations_total', { operation, result: 'too_many_by_address' })
  await shows(1, 'auth_operations_total', { operation: 'login', result: 'succeeded' })
  await shows(1, 'auth_operations_total', { operation: 'login', result: 'invalid_credentials' })
  await shows(2, 'idempotency_outcomes_total', { outcome: 'ran' })
  await shows(1, 'idempotency_outcomes_total', { outcome: 'replayed' })
  await shows(1, 'idempotency_outcomes_total', { outcome: 'idempotency_key_reused' })
  const hashes = passwordHasher.hashed + passwordHasher.compared
  t.ok(hashes >= 3)
  await shows(hashes, 'hash_queue_wait_seconds_count')
  await shows(0, 'hash_queue_running')
})

t.test('targets that fail, and requests that are sent once more', async (t) => {
  const good = await startHttpService(t, (_, response) => response.end('ok'))
  const { origin, shows, operator } = await start(t, { upstream: [NOWHERE, good.url] })
  const route = '/v1/proxy/*'
  for (let i = 0; i < 60; i++) {
    const response = await fetch(`${origin}/v1/proxy/a`, { headers: bearer() })
    await response.text()
  }
  const failure = { route, target: NOWHERE, phase: 'connecting', cause: 'ECONNREFUSED' }
  await shows(5, 'upstream_failures_total', failure)
  await shows(5, 'upstream_retries_total', { route, target: good.url })
  await shows(1, 'target_ejected', { route, target: NOWHERE })
  await shows(1, 'target_ejections_total', { target: NOWHERE })
  t.match(await targetsOf(operator), [{ state: 'ejected' }, { state: 'up' }])
  const checked = await start(t, {
    upstream: NOWHERE,
    healthCheck: { path: '/', unhealthyAfter: 1 },
  })
  await checked.shows(0, 'target_up', { route, target: NOWHERE })
  t.match(await targetsOf(checked.operator), [{ state: 'down' }])
})

const targetsOf = async ({ call }: Operator): Promise<unknown> =>
  ((await (await call('GET', '/targets')).json()) as { targets: unknown }).targets

t.test('a store, and how long its operations take', async (t) => {
  const store = `sqlite:${join(t.testdir(), 'a.db')}`
  const { origin, shows } = await start(t, { store })
  await postJson(`${origin}/v1/auth/signup`, { email: 'a@b.example', password: 'correct horse' })
  await shows(1, 'store_operation_duration_seconds_count', {
    part: 'users',
    operation: 'insert',
    result: 'done',
  })
  await shows(1, 'ready', { part: 'store' })
  await shows(0, 'revocations_age_seconds')
})

t.test('what goes on at present, and what was refused before it was a request', async (t) => {
  const answers: Array<() => void> = []
  const service = await startHttpService(t, (_, response) => {
    answers.push(() => response.end('ok'))
  })
  const { origin, port, shows } = await start(t, { upstream: service.url })
  const route = '/v1/proxy/*'
  const pending = fetch(`${origin}/v1/proxy/a`, { headers: bearer() })
  await shows(1, 'requests_in_flight')
  await shows(1, 'target_in_flight', { route, target: service.url })
  answers[0]?.()
  await (await pending).text()
  await shows(0, 'requests_in_flight')
  await shows(0, 'target_in_flight', { route, target: service.url })
  const client = new AbortController()
  const left = fetch(`${origin}/v1/proxy/a`, { headers: bearer(), signal: client.signal })
  await until('it is there', () => answers.length === 2)
  client.abort()
  await t.rejects(left)
  await shows(1, 'requests_aborted_total', { route })
  await shows(1, 'request_duration_seconds_count', { route, status: 'none' })
  const socket = connect(port, '127.0.0.1')
  socket.end('nonsense\r\n\r\n')
  await once(socket.resume(), 'close')
  await shows(1, 'connections_refused_total', { cause: 'HPE_INVALID_METHOD' })
  await shows(0, 'overload_level', { resource: 'memory' })
  await shows(1, 'ready', { part: 'accepting' })
  await shows(undefined, 'revocations_age_seconds')
})

t.test('operations of a store are timed, and the others pass through', async (t) => {
  const told: Array<Parameters<OnOperation>> = []
  const users = createMemoryUsers({ limitUsers: 1 })
  const engine = {
    name: 'an engine',
    users,
    idempotency: { claim: () => Promise.reject(new Error('it is down')) },
    revocations: { listen: () => 'at once', limit: 3 },
    throttle: {},
    open: async () => {},
    pending: async () => 'nothing',
    ping: async () => {},
    close: async () => {},
  } as unknown as Engine
  let nowMs = 0
  const timed = timedEngine(
    engine,
    () => (nowMs += 5),
    (...args) => void told.push(args),
  )
  t.equal(timed.name, 'an engine')
  t.equal(await timed.users.findById('nobody'), undefined)
  await t.rejects(timed.idempotency.claim('', '', 1, ''), { message: 'it is down' })
  t.equal(
    timed.revocations.listen(() => {}),
    'at once',
  )
  t.equal((timed.revocations as unknown as { limit: number }).limit, 3)
  await timed.open()
  await timed.ping()
  t.equal(await timed.pending(), 'nothing')
  await timed.close()
  t.same(told, [
    ['users', 'findById', 5, false],
    ['idempotency', 'claim', 5, true],
  ])
})
