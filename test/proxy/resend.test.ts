import t from 'tap'
import { bearer, startGateway } from '../support/gateways.js'
import { connectRaw, exchangeRaw } from '../support/raw-client.js'
import {
  startRawService,
  OK_EMPTY,
  type RawConnection,
  type RawService,
} from '../support/services.js'
import { until } from '../support/until.js'

const AUTHORIZATION = `Authorization: ${bearer().Authorization}`
const CLOSING_GET = [
  'GET /v1/proxy/a HTTP/1.1',
  'Host: a',
  AUTHORIZATION,
  'Connection: close',
  '',
  '',
]

t.test('a kept connection that died while idle is not the client’s problem', async (t) => {
  let isBroken = true
  const service = await startRawService(t, ({ socket, received }) => {
    const count = received.split('\r\n\r\n').length - 1
    if (count === 1 || !isBroken) socket.write(OK_EMPTY)
    else socket.resetAndDestroy()
  })
  const { port } = await startGateway(t, { upstream: service.url })
  const send = async (method: string, ...lines: string[]): Promise<string> =>
    exchangeRaw(
      t,
      port,
      `${method} /v1/proxy/a HTTP/1.1`,
      'Host: a',
      AUTHORIZATION,
      'Connection: close',
      ...(lines.length ? lines : ['', '']),
    )
  for (const method of ['GET', 'HEAD', 'OPTIONS', 'DELETE', 'PUT']) {
    await send('GET') // leaves a kept connection that dies at its second request
    t.match(
      await send(method),
      /^HTTP\/1\.1 200 /,
      `${method} is sent again, on a fresh connection`,
    )
  }
  for (const lines of [
    ['PUT', 'Content-Length: 1', '', 'x'],
    ['POST', 'Idempotency-Key: k', 'Content-Length: 1', '', 'x'],
  ]) {
    const [method = '', ...rest] = lines
    await send('GET')
    t.match(await send(method, ...rest), /^HTTP\/1\.1 200 /, `${lines.join()} is sent again`)
    t.match(service.connections.at(-1)?.received, /\r\n\r\nx$/, 'with its body')
  }
  for (const [method, ...lines] of [
    ['POST'],
    ['PATCH'],
    ['POST', 'Content-Length: 1', '', 'x'],
    ['POST', 'Idempotency-Key: k', 'Idempotency-Key: l', '', ''],
    ['POST', 'Idempotency-Key:', '', ''],
    ['POST', 'Idempotency-Key: ""', '', ''],
    ['POST', 'Idempotency-Key: a b', '', ''],
  ] as const) {
    await send('GET')
    t.match(await send(method, ...lines), /^HTTP\/1\.1 502 /, `${method} is never sent twice`)
  }
  isBroken = false
})

t.test('what fails on a fresh connection, or after a first byte, is not sent again', async (t) => {
  const service = await startRawService(t, ({ socket, received }) => {
    const count = received.split('\r\n\r\n').length - 1
    if (count === 1) socket.write(OK_EMPTY)
    else socket.end('HTTP/1.1 2')
  })
  const { port } = await startGateway(t, { upstream: service.url })
  t.match(await exchangeRaw(t, port, ...CLOSING_GET), /^HTTP\/1\.1 200 /)
  t.match(await exchangeRaw(t, port, ...CLOSING_GET), /^HTTP\/1\.1 502 /)
  t.equal(service.connections.length, 1)
  const dead = await startRawService(t, ({ socket }) => void socket.resetAndDestroy())
  const other = await startGateway(t, { upstream: dead.url })
  t.match(await exchangeRaw(t, other.port, ...CLOSING_GET), /^HTTP\/1\.1 502 /)
  t.equal(dead.connections.length, 1)
})

t.test('one that was handed straight on to who waited for it, too', async (t) => {
  const service = await startRawService(t, ({ socket, received }) => {
    if (received.split('\r\n\r\n').length === 2) socket.write(OK_EMPTY)
    else socket.resetAndDestroy()
  })
  const { port, events } = await startGateway(t, {
    upstream: service.url,
    limits: { targetConnections: 2, userRequests: 30 },
  })
  const answers = await Promise.all(
    Array.from({ length: 30 }, () => exchangeRaw(t, port, ...CLOSING_GET)),
  )
  for (const answer of answers) t.match(answer, /^HTTP\/1\.1 200 /)
  t.notOk(events.some(({ event }) => event === 'upstream_failed'))
})

t.test('a kept connection whose answer is late is not asked again', async (t) => {
  let isSilent = false
  const service = await startRawService(t, ({ socket }) => {
    if (!isSilent) socket.write(OK_EMPTY)
  })
  const { port, clock } = await startGateway(t, { upstream: service.url })
  t.match(await exchangeRaw(t, port, ...CLOSING_GET), /^HTTP\/1\.1 200 /)
  isSilent = true
  const late = exchangeRaw(t, port, ...CLOSING_GET)
  await until('it is asked', () => countGets(service) === 2)
  clock.advance(30_000)
  t.match(await late, /^HTTP\/1\.1 504 /)
  t.equal(countGets(service), 2)
  t.equal(service.connections.length, 1)
})

const countGets = ({ connections }: RawService): number =>
  connections.reduce((sum, { received }) => sum + received.split('GET ').length - 1, 0)

t.test(
  'the uploads of a route that hangs do not use up what others keep for a retry',
  async (t) => {
    const hanging = await startRawService(t, () => {})
    const service = await startRawService(t, ({ socket, received }) => {
      if (received.split('PUT ').length === 2) socket.write(OK_EMPTY)
      else socket.resetAndDestroy()
    })
    const { port } = await startGateway(t, {
      upstream: service.url,
      routes: [{ path: '/hanging', upstream: hanging.url }],
      retries: { bodyBytes: 9, memoryBytes: 18 },
    })
    const put = (path: string): string[] => [
      `PUT /v1/proxy${path} HTTP/1.1`,
      ...CLOSING_GET.slice(1, -2),
      'Content-Length: 9',
      '',
      'some body',
    ]
    for (const path of ['/hanging/1', '/hanging/2']) connectRaw(t, port).send(...put(path))
    await until('both hang', () => hanging.connections.filter(hasBody).length === 2)
    for (let i = 0; i < 2; i++)
      t.match(await exchangeRaw(t, port, ...put('/a')), /^HTTP\/1\.1 200 /)
    t.equal(service.connections.length, 2, 'the second was sent again')
  },
)

const hasBody = ({ received }: RawConnection): boolean => received.endsWith('some body')
