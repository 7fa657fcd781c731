// What a gateway does while there is too much of something.
import t from 'tap'
import { parseOptions } from '../lib/config.js'
import { thresholdsOf } from '../lib/gateway-overload.js'
import type { GatewayOptions } from '../lib/index.js'
import { ADA } from './support/accounts.js'
import { cheapHasher, SECRET } from './support/gateways.js'
import {
  HEALTH,
  levelsOf,
  QUICK,
  requestBytes,
  sampleUntil,
  startHeld,
} from './support/held-gateway.js'
import { operatorOf, WITH_ADMIN } from './support/operator.js'
import { AUTHORIZATION } from './support/raw-requests.js'
import { connectRaw, exchangeRaw } from './support/raw-client.js'
import { readiness } from './support/store-gateways.js'

const REFUSED =
  /^HTTP\/1\.1 503 [^]*\r\nRetry-After: 1\r\nConnection: close\r\n[^]*"code":"overloaded"/

t.test(
  'soft: connections end behind their answers, no stream begins, others are served',
  async (t) => {
    const overload = { requestsSoft: 2, requestsHard: 9 }
    const gateway = await startHeld(t, { overload, ...WITH_ADMIN })
    const { port, service } = gateway
    const kept = connectRaw(t, port)
    kept.send(QUICK)
    await kept.until(/quick$/)
    const [first] = [await gateway.hold(), await gateway.hold()]
    await sampleUntil(gateway, /^requests soft began 2$/)
    kept.send(QUICK)
    t.match(await kept.untilClosed(), /quick[^]*\r\nConnection: close\r\n[^]*quick$/)
    t.match(await exchangeRaw(t, port, HEALTH), /^HTTP\/1\.1 200 [^]*\r\nConnection: close\r\n/)
    const asked = service.requests.length
    for (const fields of [
      ['Connection: Upgrade', 'Upgrade: websocket'],
      ['Accept: text/event-stream'],
      ['Accept: text/event-stream, */*'],
    ]) {
      const stream = requestBytes('GET /v1/proxy/quick', AUTHORIZATION, ...fields, '', '')
      t.match(await exchangeRaw(t, port, stream), REFUSED, fields.join())
    }
    t.equal(service.requests.length, asked)
    t.match(await readiness(gateway), {
      code: 200,
      status: 'degraded',
      checks: { 4: { name: 'requests', ready: false } },
    })
    const told = await operatorOf(gateway).call('GET', '/readyz')
    t.match(await told.text(), /"requests","ready":false,"reason":"beyond its soft limit"/)
    for (const release of gateway.held) release()
    t.match(await first?.untilClosed(), /\r\nConnection: close\r\n[^]*released$/)
    await sampleUntil(gateway, /^requests soft ended 0$/)
    t.match(await readiness(gateway), { code: 200, status: 'ready' })
    const again = connectRaw(t, port)
    again.send(QUICK + QUICK)
    await again.until(/quick[^]*quick$/)
    t.notMatch(again.received, /Connection: close/i)
  },
)

t.test(
  'hard: all is refused but health, before anything is looked at; then it recovers',
  async (t) => {
    const hasher = cheapHasher()
    const gateway = await startHeld(
      t,
      { overload: { requestsSoft: 1, requestsHard: 2 }, ...WITH_ADMIN },
      hasher,
    )
    const { port, service, lastRequest } = gateway
    for (let i = 0; i < 2; i++) await gateway.hold()
    await sampleUntil(gateway, /^requests hard began 2$/)
    t.same(levelsOf(gateway), ['requests soft began 2', 'requests hard began 2'])
    const json = JSON.stringify(ADA)
    const rows: Array<[string, string]> = [
      ['a good token', QUICK],
      ['no token: it is not even missed', requestBytes('GET /v1/proxy/quick')],
      ['a path that is not there', requestBytes('GET /nowhere')],
      [
        'a body that is there',
        requestBytes('POST /v1/auth/signup', ...jsonLines(json.length), json),
      ],
      ['one that never comes', requestBytes('POST /v1/auth/signup', ...jsonLines(99_999), '')],
    ]
    gateway.clock.hurry(t)
    for (const [name, bytes] of rows) t.match(await exchangeRaw(t, port, bytes), REFUSED, name)
    t.equal(service.requests.length, 2, 'the service is not asked')
    t.equal(hasher.hashed, 0)
    t.match(lastRequest(), { route: '-', status: 503, reason: 'overloaded' })
    for (const path of ['healthz', 'readyz'])
      t.match(await exchangeRaw(t, port, requestBytes(`GET /${path}`)), /^HTTP\/1\.1 200 /, path)
    const operator = operatorOf(gateway)
    const listed = await operator.call('GET', '/v1/users')
    t.same([listed.status, listed.headers.get('connection')], [200, 'keep-alive'])
    const readyz = await operator.call('GET', '/readyz')
    t.match(await readyz.text(), /"requests","ready":false,"reason":"beyond its hard limit"/)
    for (const release of gateway.held) release()
    await sampleUntil(gateway, /^requests soft ended 0$/)
    t.match(
      await exchangeRaw(t, port, requestBytes('GET /nowhere', 'Connection: close', '', '')),
      / 404 /,
    )
  },
)

const jsonLines = (length: number): string[] => [
  'Content-Type: application/json',
  `Content-Length: ${length}`,
  '',
]

t.test('memory is looked at', async (t) => {
  const gateway = await startHeld(t, { overload: { memorySoftBytes: 1, memoryHardBytes: 2 } })
  await sampleUntil(gateway, /^memory hard began \d{8,}$/)
  t.match(await exchangeRaw(t, gateway.port, QUICK), REFUSED)
  t.match(await readiness(gateway), { code: 200, checks: { 2: { name: 'memory', ready: false } } })
})

t.test('limits that are not given are those of the machine and of connections', (t) => {
  const of = (options: Partial<GatewayOptions>): unknown =>
    thresholdsOf(
      parseOptions({ jwtSecret: SECRET, upstream: 'http://a', ...options }),
      1_000_000_000,
    )
  t.same(of({}), {
    loop_delay: { softLimit: 200, hardLimit: 1_000 },
    memory: { softLimit: 810_000_000, hardLimit: 900_000_000 },
    connections: { softLimit: 8_000, hardLimit: Infinity },
    requests: { softLimit: 8_000, hardLimit: 10_000 },
  })
  t.match(of({ limits: { connections: 50 } }), {
    connections: { softLimit: 40 },
    requests: { softLimit: 40, hardLimit: 50 },
  })
  t.match(of({ overload: { memorySoftBytes: 5e9, requestsSoft: 20_000, connectionsSoft: 7 } }), {
    memory: { softLimit: 5e9, hardLimit: 5e9 },
    connections: { softLimit: 7 },
    requests: { softLimit: 20_000, hardLimit: 20_000 },
  })
  t.match(of({ overload: { memoryHardBytes: 1_000, requestsHard: 100 } }), {
    memory: { softLimit: 900, hardLimit: 1_000 },
    requests: { softLimit: 80, hardLimit: 100 },
  })
  const soft = { loopDelaySoftMs: 9, memorySoftBytes: 9, connectionsSoft: 9, requestsSoft: 9 }
  const hard = { loopDelayHardMs: 8, memoryHardBytes: 8, requestsHard: 8 }
  const problem = t.throws(() => of({ limits: { connections: 8 }, overload: { ...soft, ...hard } }))
  t.match(problem, {
    problems: [
      {
        option: 'overload.loopDelaySoftMs',
        detail: 'must not be more than overload.loopDelayHardMs',
      },
      {
        option: 'overload.memorySoftBytes',
        detail: 'must not be more than overload.memoryHardBytes',
      },
      { option: 'overload.connectionsSoft', detail: 'must not be more than limits.connections' },
      { option: 'overload.requestsSoft', detail: 'must not be more than overload.requestsHard' },
    ],
  })
  t.end()
})
