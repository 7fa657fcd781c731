// A stream does not outlive its token.
import { EventEmitter } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import t, { type Test } from 'tap'
import { bearer, mint, startGateway } from '../support/gateways.js'
import { START_SECONDS } from '../support/manual-clock.js'
import { connectRaw } from '../support/raw-client.js'
import { startHttpService, startRawService, type RawConnection } from '../support/services.js'
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

interface Stream {
  write: (text: string) => void
  isClosed: boolean
}

interface StreamOptions {
  headers?: Record<string, string>
  type?: string
  idleBodyMs?: number
}

/** A service of event streams, and a client that reads the one at `path`. */
const openStream = async (
  t: Test,
  { headers = {}, type = 'text/event-stream', idleBodyMs = 61_000 }: StreamOptions = {},
) => {
  const stream: Stream = { write: () => {}, isClosed: false }
  const seen = new EventEmitter<{ request: [IncomingMessage] }>()
  const service = await startHttpService(t, (request, response) => {
    seen.emit('request', request)
    stream.write = (text) => void response.write(text)
    request.socket.on('close', () => (stream.isClosed = true))
    response.writeHead(200, { 'Content-Type': type, ...headers }).flushHeaders()
  })
  const gateway = await startGateway(t, {
    upstream: service.url,
    timeouts: { idleBodyMs },
  })
  let received = ''
  let ended: 'ended' | 'cut' | undefined
  let lastEventId: unknown
  seen.once('request', (request) => (lastEventId = request.headers['last-event-id']))
  const response = await new Promise<IncomingMessage>((resolve) => {
    get(
      `${gateway.origin}/v1/proxy/events`,
      { headers: { ...shortLived, 'Last-Event-ID': '41' }, agent: false },
      resolve,
    )
  })
  response.setEncoding('utf8').on('data', (text: string) => (received += text))
  response.on('end', () => (ended ??= 'ended')).on('error', () => (ended ??= 'cut'))
  t.equal(lastEventId, '41', 'Last-Event-ID is carried')
  return { ...gateway, stream, received: () => received, ended: () => ended }
}

t.test('an event stream is flushed event by event, and no heartbeat is too slow', async (t) => {
  const { stream, received, clock } = await openStream(t, { idleBodyMs: 20_000 })
  stream.write('data: 1\n\n')
  await until('the first event', () => received() === 'data: 1\n\n')
  let expected = received()
  for (let i = 0; i < 3; i++) {
    clock.advance(19_000)
    stream.write(': heartbeat\n')
    expected += ': heartbeat\n'
    await until('the heartbeat', () => received() === expected)
  }
})

t.test('an event stream ends with a comment line when the token expires', async (t) => {
  const rows: Array<[string, string, string]> = [
    ['between events', 'data: 1\n\n', 'data: 1\n\n: the token has expired\n'],
    ['within an event', 'data: 1\n', 'data: 1\n: the token has expired\n'],
    ['within a line', 'data: {"a"', 'data: {"a"\n: the token has expired\n'],
  ]
  for (const [name, written, expected] of rows) {
    const { stream, received, ended, clock, lastRequest } = await openStream(t)
    stream.write(written)
    await until('it arrives', () => received() === written)
    clock.advance(59_999)
    t.equal(ended(), undefined)
    clock.advance(1)
    await until('the end', () => ended() !== undefined)
    t.equal(received(), expected, name)
    t.equal(ended(), 'ended', 'cleanly')
    await until('the service is let go', () => stream.isClosed)
    await until('it is logged', () => lastRequest() !== undefined)
    t.match(lastRequest(), { status: 200, reason: 'token_expired', aborted: false })
  }
})

t.test('an encoded stream ends without the comment, which would be no code', async (t) => {
  const { stream, received, ended, clock } = await openStream(t, {
    headers: { 'Content-Encoding': 'gzip' },
  })
  stream.write('(code)')
  await until('it arrives', () => received() === '(code)')
  clock.advance(60_000)
  await until('the end', () => ended() !== undefined)
  t.equal(received(), '(code)')
  t.ok(stream)
})

t.test('an answer that is no event stream was granted whole', async (t) => {
  const { stream, received, ended, clock } = await openStream(t, { type: 'text/plain' })
  stream.write('a')
  await until('it arrives', () => received() === 'a')
  for (let i = 0; i < 4; i++) {
    clock.advance(20_000)
    stream.write('b')
    await until('it arrives', () => received() === `a${'b'.repeat(i + 1)}`)
  }
  t.equal(ended(), undefined)
})
