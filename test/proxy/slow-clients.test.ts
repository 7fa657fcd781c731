// The least rate at which a client must send a body, and take one.
import t, { type Test } from 'tap'
import type { GatewayOptions } from '../../lib/index.js'
import { startGateway } from '../support/gateways.js'
import { pass } from '../support/ticks.js'
import { AUTHORIZATION } from '../support/raw-requests.js'
import { connectRaw, type RawClient } from '../support/raw-client.js'
import { startHttpService, startRawService } from '../support/services.js'
import { stillness, until } from '../support/until.js'

const put = (...lines: string[]): string[] => [
  'PUT /v1/proxy/a HTTP/1.1',
  'Host: a',
  AUTHORIZATION,
  ...lines,
]
const GET = ['GET /v1/proxy/a HTTP/1.1', 'Host: a', AUTHORIZATION, '', '']

/** A client whose upload of a megabyte has begun, in front of a service that takes what comes. */
const startUploading = async (t: Test, options: Partial<GatewayOptions> = {}) => {
  const service = await startRawService(t, () => {})
  const gateway = await startGateway(t, { upstream: service.url, ...options })
  const client = connectRaw(t, gateway.port)
  client.send(...put('Content-Length: 1000000', '', '!'))
  let bodyBytes = 1
  const arrived = (): boolean =>
    service.connections[0]?.received.split('\r\n\r\n')[1]?.length === bodyBytes
  await until('it begins', arrived)
  const feed = async (bytes: number): Promise<void> => {
    bodyBytes += bytes
    client.socket.write('x'.repeat(bytes))
    await until('it arrives', arrived)
  }
  return { ...gateway, client, feed, service }
}

t.test('a body that trickles in is given up: 408, or its answer is cut', async (t) => {
  const { clock, client, feed, service } = await startUploading(t)
  for (let i = 0; i < 4; i++) {
    await feed(10)
    await pass(clock, 1)
  }
  t.equal(client.received, '', 'there is a grace')
  await pass(clock, 2)
  await client.until(/^HTTP\/1\.1 408 [^]*"code":"request_timeout"/)
  await until('the service is let go', () => service.connections[0]?.isClosed === true)

  const early = await startUploading(t)
  early.service.connections[0]?.socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf')
  await early.client.until(/half$/)
  await pass(early.clock, 6)
  t.match(await early.client.untilClosed(), /half$/)
  t.match(early.lastRequest(), { status: 200, aborted: true, reason: 'request_timeout' })
})

t.test('one that keeps the rate is not, and who was ahead may stand still', async (t) => {
  const { clock, client, feed } = await startUploading(t)
  for (let i = 0; i < 8; i++) {
    await feed(240)
    await pass(clock, 1)
  }
  await feed(10_000)
  await pass(clock, 25)
  await feed(1)
  await pass(clock, 8)
  t.equal(client.isClosed, false)
  t.equal(client.received, '')
})

t.test('a rate of 0, of the gateway or of a route, lets a body take its time', async (t) => {
  const options = [
    { limits: { leastBytesPerSecond: 0 } },
    { limits: { leastBytesPerSecond: 1_000_000 }, route: { leastBytesPerSecond: 0 } },
  ]
  for (const { limits, route } of options) {
    const service = await startRawService(t, () => {})
    const { port, clock } = await startGateway(t, {
      upstream: service.url,
      routes: route ? [{ path: '/a', upstream: service.url, ...route }] : [],
      limits,
    })
    const client = connectRaw(t, port)
    client.send(...put('Content-Length: 9', '', 'x'))
    await until('it begins', () => /\r\n\r\nx/.test(service.connections[0]?.received ?? ''))
    await pass(clock, 20)
    t.equal(client.received, '')
  }
})

t.test('time in which the service does not read is not the client’s', async (t) => {
  let isReading = false
  const service = await startRawService(t, ({ socket }) => void (isReading || socket.pause()))
  const { port, clock } = await startGateway(t, {
    upstream: service.url,
    limits: { leastBytesPerSecond: 1_000_000 },
  })
  const client = connectRaw(t, port)
  client.send(...put('Content-Length: 20000000', '', ''))
  client.socket.write(Buffer.alloc(19_000_000))
  await until('the service is asked', () => service.connections.length === 1)
  await stillness(() => client.socket.writableLength)
  await pass(clock, 60)
  t.equal(client.received, '')
  isReading = true
  service.connections[0]?.socket.resume()
  await until('all is taken', () => client.socket.writableLength === 0)
  await stillness(() => service.connections[0]?.received.length ?? 0)
  clock.hurry(t)
  await client.until(/^HTTP\/1\.1 408 /)
})

t.test('time in which a client waits to be asked for its body is not its own', async (t) => {
  const service = await startRawService(t, () => {})
  const { port, clock } = await startGateway(t, { upstream: service.url })
  const client = connectRaw(t, port)
  client.send(...put('Expect: 100-continue', 'Content-Length: 9000', '', ''))
  await until('the service is asked', () => service.connections.length === 1)
  await pass(clock, 20)
  t.equal(client.received, '')
  service.connections[0]?.socket.write('HTTP/1.1 100 Continue\r\n\r\n')
  await client.until(/100 Continue\r\n\r\n$/)
  await pass(clock, 4)
  t.notMatch(client.received, / 408 /)
  await pass(clock, 2)
  await client.until(/ 408 /)
})

/** A client that does not read an endless answer, which waits for it. */
const startStalled = async (t: Test, leastBytesPerSecond: number) => {
  let poured = 0
  const service = await startHttpService(t, (_, response) => {
    const pour = (): void => {
      do poured++
      while (response.write('x'.repeat(65_536)))
    }
    response.on('drain', pour)
    pour()
  })
  const gateway = await startGateway(t, { upstream: service.url, limits: { leastBytesPerSecond } })
  const client: RawClient = connectRaw(t, gateway.port)
  client.socket.pause()
  client.send(...GET)
  // Of what the gateway and the system hold the client has only seen the first.
  await until('it is asked', () => poured > 0)
  await stillness(() => poured)
  return { ...gateway, client }
}

t.test(
  'an answer that a client does not take is cut, when it is sure to be too slow',
  async (t) => {
    // A megabyte and five seconds at this rate are ten seconds.
    const { clock, lastRequest } = await startStalled(t, 200_000)
    await pass(clock, 9)
    t.equal(lastRequest(), undefined, 'the system may hold a megabyte that it has not sent yet')
    await pass(clock, 3)
    await until('it is cut', () => lastRequest() !== undefined)
    t.match(lastRequest(), { status: 200, aborted: true, reason: 'request_timeout' })
  },
)

t.test('a stream that is quiet is not a client that is slow', async (t) => {
  const service = await startHttpService(t, (_, response) => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' }).write('data: 1\n\n')
    response.write(`: ${'x'.repeat(200_000)}\n`)
  })
  const { port, clock } = await startGateway(t, {
    upstream: service.url,
    limits: { leastBytesPerSecond: 1_000_000 },
  })
  const client = connectRaw(t, port)
  client.send(...GET)
  await client.until(/x{1000}\n/)
  await stillness(() => client.socket.bytesRead)
  await pass(clock, 25)
  t.equal(client.isClosed, false)
})
