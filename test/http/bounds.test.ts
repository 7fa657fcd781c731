// What one client, or one address, may have.
import { EventEmitter } from 'node:events'
import type { Socket } from 'node:net'
import t from 'tap'
import { createAddressLimit } from '../../lib/http/address-limit.js'
import { networkOf } from '../../lib/throttle/network.js'
import { startGateway } from '../support/gateways.js'
import { heapLeftBytes } from '../support/heap.js'
import { AUTHORIZATION } from '../support/raw-requests.js'
import { connectRaw, countAnswers, exchangeRaw, type RawClient } from '../support/raw-client.js'
import { startService } from '../support/services.js'
import { until } from '../support/until.js'

const HEALTH = ['GET /healthz HTTP/1.1', 'Host: a', '', ''].join('\r\n')
const get = (path: string): string =>
  [`GET /v1/proxy${path} HTTP/1.1`, 'Host: a', AUTHORIZATION, '', ''].join('\r\n')

const isServed = async (client: RawClient): Promise<void> => {
  client.send(HEALTH)
  await client.until(/^HTTP\/1\.1 200 [^]*"ok"/)
}

t.test('a target that is too long is refused, and costs the service nothing', async (t) => {
  const service = await startService(t)
  const { port } = await startGateway(t, { upstream: service.url, limits: { targetBytes: 100 } })
  const target = (length: number): string => `/v1/proxy/?${'q'.repeat(length - 11)}`
  const ask = (path: string): Promise<string> =>
    exchangeRaw(
      t,
      port,
      `GET ${path} HTTP/1.1`,
      'Host: a',
      AUTHORIZATION,
      'Connection: close',
      '',
      '',
    )
  t.match(await ask(target(100)), /^HTTP\/1\.1 200 /)
  const refused = await ask(target(101))
  t.match(refused, /^HTTP\/1\.1 414 URI Too Long\r\n[^]*"code":"target_too_long"/)
  t.match(await ask(`http://a${target(100)}`), /^HTTP\/1\.1 414 /, 'as it came')
  t.equal(service.requests.length, 1)
})

t.test('an address with as many connections as it may have gets no more, others do', async (t) => {
  const { port, events } = await startGateway(t, { limits: { connectionsPerAddress: 3 } })
  const held = [1, 2, 3].map(() => connectRaw(t, port))
  for (const client of held) await isServed(client)
  for (let tries = 0; tries < 3; tries++) t.equal(await connectRaw(t, port).untilClosed(), '')
  t.match(
    events.filter(({ event }) => event === 'connection_refused'),
    [1, 2, 3].map(() => ({ status: 0, cause: 'too_many_of_address' })),
  )
  await isServed(connectRaw(t, port, '127.0.0.2'))
  t.notOk(held.some(({ isClosed }) => isClosed))
  held[0]?.socket.destroy()
  await until('its place is free again', async () => {
    const client = connectRaw(t, port)
    client.send(HEALTH)
    await until('it is told', () => client.isClosed || client.received !== '')
    return client.received !== ''
  })
})

t.test('the connections of a proxy that is trusted are not counted', async (t) => {
  const { port } = await startGateway(t, {
    trustProxy: ['127.0.0.3'],
    limits: { connectionsPerAddress: 1 },
  })
  await isServed(connectRaw(t, port))
  t.equal(await connectRaw(t, port).untilClosed(), '')
  for (let i = 0; i < 3; i++) await isServed(connectRaw(t, port, '127.0.0.3'))
})

t.test('of IPv6 a network of 64 bits is one address, and IPv4 in it is IPv4', (t) => {
  const admits = createAddressLimit({ limit: 1, trusted: ['2001:db8:9::/48'], networkOf })
  const from = (remoteAddress?: string): Socket =>
    Object.assign(new EventEmitter(), { remoteAddress }) as never
  const first = from('2001:db8:1:2::1')
  const rows: Array<[Socket, boolean]> = [
    [first, true],
    [from('2001:db8:1:2:ffff::9'), false],
    [from('2001:db8:1:3::1'), true],
    [from('::ffff:192.0.2.1'), true],
    [from('192.0.2.1'), false],
    [from('2001:db8:9::1'), true],
    [from('2001:db8:9::1'), true],
    [from(undefined), true],
  ]
  for (const [socket, expected] of rows)
    t.equal(admits(socket), expected, String(socket.remoteAddress))
  first.emit('close')
  t.equal(admits(from('2001:db8:1:2::7')), true)
  t.end()
})

t.test(
  'a connection is closed behind its last answer, and what came behind is not run',
  async (t) => {
    const service = await startService(t, ({ url }, response) => void response.end(`<${url}>`))
    const { port } = await startGateway(t, {
      upstream: service.url,
      limits: { requestsPerConnection: 2 },
    })
    const client = connectRaw(t, port)
    client.send(get('/1'))
    await client.until(/<\/1>/)
    t.notMatch(client.received, /\r\nConnection: close\r\n/i)
    client.send(get('/2') + get('/3') + HEALTH)
    const answers = await client.untilClosed()
    t.match(answers, /<\/1>[^]*\r\nConnection: close\r\n[^]*<\/2>/)
    t.equal(countAnswers(answers), 2)
    const other = connectRaw(t, port)
    other.send(get('/3') + HEALTH)
    await other.until(/<\/3>[^]*"ok"/)
    t.match(other.received, /\r\nConnection: close\r\n[^]*"ok"/, 'the last may be one of its own')
    t.same(
      service.requests.map(({ url }) => url),
      ['/1', '/2', '/3'],
      'nothing is run twice',
    )
  },
)

t.test('an address that has no connection any more is forgotten', async (t) => {
  const admits = createAddressLimit({ limit: 1, trusted: [], networkOf: (address) => address })
  const leftBytes = await heapLeftBytes((number) => {
    const socket = Object.assign(new EventEmitter(), { remoteAddress: `${number}`.padEnd(100) })
    admits(socket as unknown as Socket)
    socket.emit('close')
  })
  t.ok(leftBytes < 1_000_000, `${leftBytes} bytes`)
})
