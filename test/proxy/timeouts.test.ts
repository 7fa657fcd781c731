import t from 'tap'
import { startFullListener } from '../support/full-listener.js'
import { bearer, startGateway } from '../support/gateways.js'
import { connectRaw } from '../support/raw-client.js'
import { startHttpService, startRawService } from '../support/services.js'
import { until } from '../support/until.js'

const AUTHORIZATION = `Authorization: ${bearer().Authorization}`
const GET = ['GET /v1/proxy/a HTTP/1.1', 'Host: a', AUTHORIZATION, '', '']

t.test('a service that accepts and stays silent is given up: 504', async (t) => {
  const service = await startRawService(t, () => {})
  const { port, clock } = await startGateway(t, { upstream: service.url })
  const client = connectRaw(t, port)
  client.send(...GET)
  await until('the service is asked', () => service.connections.length === 1)
  clock.advance(29_999)
  t.equal(client.received, '')
  clock.advance(1)
  await client.until(/^HTTP\/1\.1 504 [^]*"code":"upstream_timeout"/)
  await until('the service is let go', () => service.connections[0]?.isClosed === true)
})

t.test('an answer that stands still is cut, a slow but steady one never', async (t) => {
  const service = await startHttpService(t, (_, response) => {
    response.writeHead(200).write('<start>')
    feed = () => void response.write('.')
  })
  let feed = (): void => {}
  const { port, clock, lastRequest } = await startGateway(t, { upstream: service.url })
  const client = connectRaw(t, port)
  client.send(...GET)
  await client.until(/<start>/)
  for (let count = 1; count <= 5; count++) {
    clock.advance(29_000)
    feed()
    await until('a dot', () => client.received.split('.\r\n').length > count)
  }
  t.equal(client.isClosed, false)
  clock.hurry(t)
  t.notMatch(await client.untilClosed(), /\r\n0\r\n\r\n$/, 'it does not look whole')
  await until('it is logged', () => lastRequest() !== undefined)
  t.match(lastRequest(), { aborted: true, status: 200, reason: 'upstream_timeout' })
})

t.test('an upload that stands still is given up as the client’s fault: 408', async (t) => {
  const service = await startRawService(t, () => {})
  const { port, clock } = await startGateway(t, {
    upstream: service.url,
    limits: { leastBytesPerSecond: 0 },
  })
  const client = connectRaw(t, port)
  client.send('PUT /v1/proxy/a HTTP/1.1', 'Host: a', AUTHORIZATION, 'Content-Length: 9', '', 'x')
  for (const text of ['y', 'z', '']) {
    await until('it arrives', () => /x(yz?)?$/.test(service.connections[0]?.received ?? ''))
    clock.advance(20_000)
    client.send(text)
  }
  clock.hurry(t)
  await client.until(/^HTTP\/1\.1 408 [^]*"code":"request_timeout"/)
  await until('the service is let go', () => service.connections[0]?.isClosed === true)
  t.notMatch(service.connections[0]?.received, /xyz.{6}/)
})

t.test('a service that does not read an upload is given up as its own fault: 504', async (t) => {
  const service = await startRawService(t, ({ socket }) => void socket.pause())
  const { port, clock } = await startGateway(t, { upstream: service.url })
  const client = connectRaw(t, port)
  client.send(
    'PUT /v1/proxy/a HTTP/1.1',
    'Host: a',
    AUTHORIZATION,
    'Content-Length: 100000000',
    '',
    '',
  )
  client.socket.write(Buffer.alloc(100_000_000))
  await until('the service is asked', () => service.connections.length === 1)
  clock.hurry(t)
  await client.until(/^HTTP\/1\.1 504 /)
})

t.test('a service whose connection takes too long is given up: 504', async (t) => {
  const { port, clock, events } = await startGateway(t, { upstream: await startFullListener(t) })
  const client = connectRaw(t, port)
  client.send(...GET)
  clock.hurry(t)
  await client.until(/^HTTP\/1\.1 504 [^]*"code":"upstream_timeout"/)
  t.match(
    events.find(({ event }) => event === 'upstream_failed'),
    {
      phase: 'connecting',
      cause: 'timeout',
    },
  )
})
