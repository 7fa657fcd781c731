// A stream does not outlive its token.
import t, { type Test } from 'tap'
import { bearer, mint, startGateway } from '../support/gateways.js'
import { START_SECONDS } from '../support/manual-clock.js'
import { connectRaw } from '../support/raw-client.js'
import { startRawService, type RawConnection } from '../support/services.js'
import { until } from '../support/until.js'
import { openWebSocket, startWebSocketService } from '../support/websockets.js'

const shortLived = bearer(mint({ exp: START_SECONDS + 60 }))

t.test('a WebSocket is closed with 1008 on both sides when the token expires', async (t) => {
  const service = await startWebSocketService(t)
  const { port, clock, lastRequest } = await startGateway(t, { upstream: service.url })
  const short = await openWebSocket(t, port, { headers: shortLived })
  const long = await openWebSocket(t, port)
  clock.advance(59_000)
  short.socket.send('still here')
  await until('an answer', () => short.messages.length === 1)
  clock.advance(1_000)
  t.same(await short.closed, [1008, 'the token has expired'])
  await until('the service knows', () => service.closed.length === 1)
  t.same(service.closed[0], [1008, 'the token has expired'])
  await until('it is logged', () => lastRequest() !== undefined)
  t.match(lastRequest(), { status: 101, reason: 'token_expired', aborted: false })
  long.socket.send('and here')
  await until('an answer', () => long.messages.length === 1)
})

t.test('the leeway of tokens holds for streams too', async (t) => {
  const service = await startWebSocketService(t)
  const { port, clock } = await startGateway(t, { upstream: service.url, toleranceSeconds: 30 })
  const { socket, messages, closed } = await openWebSocket(t, port, { headers: shortLived })
  clock.advance(89_000)
  socket.send('still here')
  await until('an answer', () => messages.length === 1)
  clock.advance(1_000)
  t.equal((await closed)[0], 1008)
})

const UPGRADE = [
  'GET /v1/proxy/ HTTP/1.1',
  'Host: a',
  `Authorization: ${shortLived.Authorization}`,
  'Connection: Upgrade',
  'Upgrade: websocket',
  '',
  '',
]
const SWITCH = 'HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'
const CLOSE_1008 = '\x88\x17\x03\xf0the token has expired'

const openRaw = async (t: Test) => {
  const service = await startRawService(t, ({ socket }) => {
    if (socket.bytesWritten === 0) socket.write(SWITCH)
  })
  const gateway = await startGateway(t, { upstream: service.url })
  const client = connectRaw(t, gateway.port)
  client.send(...UPGRADE)
  await client.until(/\r\n\r\n$/)
  const connection = service.connections[0] as RawConnection
  connection.socket.removeAllListeners('end') // it goes on when the client's side has ended
  return { ...gateway, client, connection }
}

t.test('the close frame never stands within a frame of the service', async (t) => {
  const { client, connection, clock } = await openRaw(t)
  // 300 bytes announced, 100 sent.
  connection.socket.write(Buffer.concat([Buffer.of(0x82, 126, 1, 44), Buffer.alloc(100, 'x')]))
  await client.until(/x{100}$/)
  clock.advance(60_000)
  await until('the service is told', () => /\x88\x97/.test(connection.received))
  connection.socket.write(Buffer.alloc(199, 'y'))
  await client.until(/y{199}$/)
  // The last byte of the frame, and the begin of another that must not come.
  connection.socket.write(Buffer.from('z\x81\x05hello', 'latin1'))
  const received = await client.untilClosed()
  t.ok(received.endsWith(`${'x'.repeat(100)}${'y'.repeat(199)}z${CLOSE_1008}`))
  connection.socket.end()
  await until('the service is let go', () => connection.isClosed)
})

t.test('a frame that does not end in a second is cut', async (t) => {
  const { client, connection, clock, lastRequest } = await openRaw(t)
  connection.socket.write(Buffer.of(0x82, 127, 0, 0, 0, 1))
  await client.until(/\x82\x7f/)
  clock.advance(60_000)
  await until('the service is told', () => /\x88\x97/.test(connection.received))
  clock.advance(1_000)
  t.notOk((await client.untilClosed()).endsWith(CLOSE_1008))
  await until('it is logged', () => lastRequest() !== undefined)
  t.match(lastRequest(), { aborted: true, reason: 'token_expired' })
})

t.test('a client that has said goodbye is told nothing more', async (t) => {
  const { client, connection, clock } = await openRaw(t)
  connection.socket.write(Buffer.of(0x88, 2, 3, 232))
  await client.until(/\r\n\r\n[^]{4}$/)
  clock.advance(60_000)
  t.ok((await client.untilClosed()).endsWith('\r\n\r\n\x88\x02\x03\xe8'))
  connection.socket.end()
  await until('the service is let go', () => connection.isClosed)
})

t.test(
  'a goodbye behind the frame that is under way comes too late to be the last word',
  async (t) => {
    const { client, connection, clock } = await openRaw(t)
    connection.socket.write(Buffer.of(0x82, 2, 1))
    await client.until(/\r\n\r\n[^]{3}$/)
    clock.advance(60_000)
    await until('the service is told', () => connection.received.includes('\x88\x97'))
    connection.socket.write(Buffer.of(1, 0x88, 2, 3, 232))
    t.ok((await client.untilClosed()).endsWith(`\x82\x02\x01\x01${CLOSE_1008}`))
  },
)

t.test('a goodbye that is under way when the token ends is the last word', async (t) => {
  const { client, connection, clock } = await openRaw(t)
  connection.socket.write(Buffer.of(0x88))
  await client.until(/\r\n\r\n[^]$/)
  clock.advance(60_000)
  await until('the service is told', () => connection.received.includes('\x88\x97'))
  connection.socket.write(Buffer.of(2, 3, 232))
  t.ok((await client.untilClosed()).endsWith('\r\n\r\n\x88\x02\x03\xe8'))
  connection.socket.end()
  await until('the service is let go', () => connection.isClosed)
})

t.test('what is upgraded to another protocol is ended without words', async (t) => {
  const service = await startRawService(t, ({ socket }) => {
    if (socket.bytesWritten === 0) socket.write(SWITCH.replace('websocket', 'talk'))
  })
  const { port, clock } = await startGateway(t, { upstream: service.url })
  const client = connectRaw(t, port)
  client.send(...UPGRADE.map((line) => line.replace('websocket', 'talk')))
  await client.until(/\r\n\r\n$/)
  clock.advance(60_000)
  t.match(await client.untilClosed(), /\r\n\r\n$/)
  await until('the service is let go', () => service.connections[0]?.isClosed === true)
})
