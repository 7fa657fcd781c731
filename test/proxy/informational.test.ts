import t from 'tap'
import { bearer, startGateway } from '../support/gateways.js'
import { heapBytes } from '../support/heap.js'
import { connectRaw } from '../support/raw-client.js'
import { OK_EMPTY, startRawService, type RawConnection } from '../support/services.js'
import { until } from '../support/until.js'

const get = (version = '1.1'): string =>
  [
    `GET /v1/proxy/a HTTP/${version}`,
    'Host: a',
    `Authorization: ${bearer().Authorization}`,
    '',
    '',
  ].join('\r\n')
const HINTS = [
  'HTTP/1.1 103 Early Hints',
  'Link: </a.css>; rel=preload',
  'Link: </b.js>; rel=preload',
  'X-Passport: secret',
  'Connection: X-Hop',
  'X-Hop: 1',
  '',
  '',
].join('\r\n')

t.test('103 and 102 are relayed as they come, filtered like any answer', async (t) => {
  const service = await startRawService(t, ({ socket }) => void socket.write(HINTS))
  const { port } = await startGateway(t, { upstream: service.url })
  const client = connectRaw(t, port)
  client.send(get())
  t.equal(
    await client.until(/\r\n\r\n$/),
    'HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\nLink: </b.js>; rel=preload\r\n\r\n',
  )
  service.connections[0]?.socket.write('HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 199 Odd\r\n\r\n')
  await client.until(/\r\n\r\nHTTP\/1\.1 102 Processing\r\n\r\nHTTP\/1\.1 199 \r\n\r\n$/)
  service.connections[0]?.socket.write(`HTTP/1.1 100 Continue\r\n\r\n${OK_EMPTY}`)
  const answers = await client.until(/ 200 OK[^]*\r\n\r\n$/)
  t.notMatch(answers, / 100 /, 'nobody waits for 100')
})

t.test('an HTTP/1.0 client, which knows no 1xx, gets the answer alone', async (t) => {
  const service = await startRawService(t, ({ socket }) => void socket.write(HINTS + OK_EMPTY))
  const { port } = await startGateway(t, { upstream: service.url })
  const client = connectRaw(t, port)
  client.send(get('1.0'))
  t.match(await client.untilClosed(), /^HTTP\/1\.1 200 OK\r\n/)
})

const POURED_BYTES = 30_000_000
const heldBytes = (): number => heapBytes() + process.memoryUsage().external

t.test('a service that sends 1xx for ever fills no memory, and is given up in time', async (t) => {
  const service = await startRawService(t, ({ socket }) => {
    const pour = setInterval(() => {
      if (!socket.writableNeedDrain) socket.write(HINTS.repeat(1_000))
    }, 1)
    socket.on('close', () => clearInterval(pour))
  })
  const { port, clock, gateway } = await startGateway(t, { upstream: service.url })
  const client = connectRaw(t, port)
  client.socket.pause()
  client.send(get())
  await until('the service is asked', () => service.connections.length === 1)
  const before = heldBytes()
  const { socket } = service.connections[0] as RawConnection
  await until('much has come', () => socket.bytesWritten > POURED_BYTES)
  const grownBytes = heldBytes() - before
  t.ok(grownBytes < POURED_BYTES / 2, `${grownBytes} bytes are held`)
  clock.hurry(t)
  await until('the service is let go', () => service.connections[0]?.isClosed === true)
  await gateway.close()
})
