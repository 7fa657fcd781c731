import t from 'tap'
import type { LogEvent } from '../lib/log.js'
import { isSuccess, sampleSuccesses } from '../lib/log-sample.js'
import { bearer, NOWHERE, startGateway } from './support/gateways.js'
import { until } from './support/until.js'

type Request = Extract<LogEvent, { event: 'request' }>

const request = (parts: Partial<Request> = {}): Request => ({
  event: 'request',
  requestId: 'r',
  method: 'GET',
  route: '/healthz',
  status: 200,
  durationMs: 1,
  aborted: false,
  ...parts,
})

const UNSPARED: ReadonlyArray<readonly [string, LogEvent]> = [
  ['a client error', request({ status: 404 })],
  ['a failure', request({ status: 500 })],
  ['no answer at all', request({ status: 0 })],
  ['an answer that did not arrive', request({ aborted: true })],
  ['a refusal, whatever its status', request({ reason: 'revoked' })],
  ['another event', { event: 'closing' }],
]

t.test('only a whole answer that is no error is a success', (t) => {
  for (const status of [101, 200, 204, 304, 399]) t.ok(isSuccess(request({ status })), `${status}`)
  for (const [name, event] of UNSPARED) t.notOk(isSuccess(event), name)
  t.end()
})

t.test('of successes a share is logged, and says which; of everything else all', (t) => {
  const logged: LogEvent[] = []
  let drawn = 0
  const log = sampleSuccesses(
    (event) => void logged.push(event),
    0.25,
    () => drawn,
  )
  for (drawn of [0, 0.2499, 0.25, 0.9999]) {
    log(request())
    for (const [, event] of UNSPARED) log(event)
  }
  const others = UNSPARED.map(([, event]) => event)
  const sampled = request({ sampled: 0.25 })
  t.same(logged, [sampled, ...others, sampled, ...others, ...others, ...others])
  t.end()
})

t.test('a share of none logs no success, one of all says nothing of it', (t) => {
  const logged: LogEvent[] = []
  const put = (event: LogEvent): void => void logged.push(event)
  sampleSuccesses(put, 0, () => 0)(request())
  t.same(logged, [])
  t.equal(sampleSuccesses(put, 1), put)
  t.end()
})

t.test('the lots that are drawn make the share', (t) => {
  let count = 0
  const log = sampleSuccesses(() => void count++, 0.1)
  for (let i = 0; i < 20_000; i++) log(request())
  t.ok(count > 1_700 && count < 2_300, `${count}, seven deviations from 2000`)
  t.end()
})

t.test('a gateway that logs no success logs refusals, failures and who went away', async (t) => {
  const { origin, events } = await startGateway(t, {
    logSuccessShare: 0,
    upstream: NOWHERE,
  })
  const requests = (): LogEvent[] => events.filter(({ event }) => event === 'request')
  for (let i = 0; i < 20; i++) t.equal((await fetch(`${origin}/healthz`)).status, 200)
  t.equal((await fetch(`${origin}/v1/proxy/a`)).status, 401)
  t.equal((await fetch(`${origin}/v1/proxy/a`, { headers: bearer() })).status, 502)
  t.equal((await fetch(`${origin}/nowhere`)).status, 404)
  await until('they are logged', () => requests().length === 3)
  t.same(
    requests().map((event) => (event as Request).status),
    [401, 502, 404],
  )
})
