import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import t from 'tap'
import { WebSocket } from 'ws'
import { bearer, mint, startGateway } from '../support/gateways.js'
import { START_SECONDS } from '../support/manual-clock.js'
import { connectRaw } from '../support/raw-client.js'
import { until } from '../support/until.js'
import { openWebSocket, startWebSocketService } from '../support/websockets.js'

const MIB = 2 ** 20

const digest = (data: Buffer | string | undefined): string =>
  createHash('sha256')
    .update(data ?? '')
    .digest('hex')

t.test('messages of every kind pass both ways, byte for byte', async (t) => {
  const service = await startWebSocketService(t)
  const { port } = await startGateway(t, { upstream: service.url })
  const { socket, messages } = await openWebSocket(t, port)
  const next = async (): Promise<Buffer | string | undefined> => {
    await until('a message', () => messages.length > 0)
    return messages.shift()
  }
  socket.send('grüße 😀')
  t.equal(await next(), 'grüße 😀', 'text')
  const binary = randomBytes(70_000)
  socket.send(binary)
  t.equal(digest(await next()), digest(binary), 'binary')
  socket.send('one ', { fin: false })
  socket.send('two ', { fin: false })
  socket.send('three', { fin: true })
  t.equal(await next(), 'one two three', 'fragments')
  socket.send('')
  t.equal(await next(), '', 'an empty message')
  const large = randomBytes(64 * MIB)
  socket.send(large)
  t.equal(digest(await next()), digest(large), '64 MiB')
  socket.ping('are you there')
  const [pong] = (await once(socket, 'pong')) as [Buffer]
  t.equal(pong.toString(), 'are you there', 'a ping and its pong')
  service.sockets[0]?.ping('and you')
  const [ping] = (await once(socket, 'ping')) as [Buffer]
  t.equal(ping.toString(), 'and you', 'a ping of the service')
})

t.test('close codes and reasons pass both ways', async (t) => {
  const service = await startWebSocketService(t)
  const { port, lastRequest } = await startGateway(t, { upstream: service.url })
  const one = await openWebSocket(t, port)
  one.socket.close(4001, 'the client is done')
  t.same(await one.closed, [4001, 'the client is done'])
  await until('the service knows', () => service.closed.length === 1)
  t.same(service.closed[0], [4001, 'the client is done'])
  const other = await openWebSocket(t, port)
  service.sockets[1]?.close(4002, 'the service is done')
  t.same(await other.closed, [4002, 'the service is done'])
  await until('it is logged', () => lastRequest() !== undefined)
  t.match(lastRequest(), { route: '/v1/proxy/*', status: 101, aborted: false, userId: 'user_ada' })
  const third = await openWebSocket(t, port)
  third.socket.terminate()
  await until('the service knows', () => service.closed.length === 3)
  t.equal(service.closed[2]?.[0], 1006, 'one that just goes away')
})

t.test('a subprotocol and compression are agreed on end to end', async (t) => {
  const service = await startWebSocketService(t, {
    perMessageDeflate: { threshold: 0 },
    handleProtocols: (protocols) => [...protocols].at(-1) ?? false,
  })
  const { port } = await startGateway(t, { upstream: service.url })
  const { socket, messages } = await openWebSocket(t, port, {
    protocols: ['chat.v1', 'chat.v2'],
    options: { perMessageDeflate: { threshold: 0 } },
  })
  t.equal(socket.protocol, 'chat.v2')
  t.match(socket.extensions, /permessage-deflate/)
  const text = 'so compressible '.repeat(10_000)
  socket.send(text)
  await until('a message', () => messages.length === 1)
  t.equal(messages[0], text)
})

t.test('it is authenticated like any request, and forged identity is dropped', async (t) => {
  const service = await startWebSocketService(t)
  const { port } = await startGateway(t, { upstream: service.url })
  await openWebSocket(t, port, {
    path: '/v1/proxy/chat?room=7',
    headers: {
      ...bearer(),
      'X-Passport': 'forged',
      X_Passport: 'forged',
      'X.Proxy.State': 'forged',
      'X-Forwarded-User': 'root',
      Cookie: 'a=b',
      TE: 'trailers',
    },
  })
  const [request] = service.requests
  const { headers, url } = request as NonNullable<typeof request>
  t.equal(url, '/chat?room=7')
  t.match(JSON.parse(Buffer.from(String(headers['x-passport']), 'base64').toString()), {
    user_id: 'user_ada',
    token_status: 'valid',
  })
  t.equal(headers['x-proxy-state'], 'ZnJlZTpJTjphbmRyb2lk')
  t.match(headers, { cookie: 'a=b', connection: 'Upgrade, TE', upgrade: 'websocket' })
  t.equal(headers.authorization, undefined)
  t.notMatch(JSON.stringify(request?.rawHeaders), /forged|root/)
  for (const [headers, status] of [
    [{}, 401],
    [bearer('x.y.z'), 401],
    [bearer(mint({ exp: START_SECONDS })), 401],
  ] as const) {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/v1/proxy/`, { headers })
    const [, response] = (await once(socket, 'unexpected-response')) as [unknown, Response]
    t.match(response, { statusCode: status, headers: { 'content-type': /problem/ } })
    socket.on('error', () => {}).terminate()
  }
  t.equal(service.sockets.length, 1, 'none of them reached the service')
})

t.test('a refusal of the service is relayed whole', async (t) => {
  const service = await startWebSocketService(t, {
    verifyClient: (_, done) => done(false, 403, 'not here', { 'X-Reason': 'full' }),
  })
  const { port, events } = await startGateway(t, { upstream: service.url })
  const client = connectRaw(t, port)
  client.send(
    'GET /v1/proxy/ HTTP/1.1',
    'Host: a',
    `Authorization: ${bearer().Authorization}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    '',
    '',
  )
  const received = await client.untilClosed()
  t.match(received, /^HTTP\/1\.1 403 Forbidden\r\n[^]*X-Reason: full\r\n[^]*\r\n\r\nnot here$/)
  t.match(received, /Connection: close\r\n/)
  await until('it is logged', () => events.length > 1)
  t.match(events.at(-1), { event: 'request', status: 403, aborted: false })
})

t.test('more than may be open are refused until one is closed', async (t) => {
  const service = await startWebSocketService(t)
  const { port } = await startGateway(t, { upstream: service.url, limits: { tunnels: 1 } })
  const first = await openWebSocket(t, port)
  const refused = new WebSocket(`ws://127.0.0.1:${port}/v1/proxy/`, { headers: bearer() })
  const [, response] = (await once(refused, 'unexpected-response')) as [unknown, Response]
  t.match(response, { statusCode: 503, headers: { 'retry-after': '1' } })
  refused.on('error', () => {}).terminate()
  t.equal(service.sockets.length, 1)
  first.socket.close()
  await first.closed
  await until('another may come', async () => {
    const next = await openWebSocket(t, port).catch(() => undefined)
    return next !== undefined
  })
})

t.test('one on which no byte moves is cut, and a ping keeps it', async (t) => {
  const service = await startWebSocketService(t)
  const { port, clock, lastRequest } = await startGateway(t, {
    upstream: service.url,
    timeouts: { idleTunnelMs: 10_000 },
  })
  const { socket, closed } = await openWebSocket(t, port)
  for (let i = 0; i < 3; i++) {
    clock.advance(9_000)
    socket.ping()
    await once(socket, 'pong')
  }
  t.equal(socket.readyState, WebSocket.OPEN)
  clock.advance(10_000)
  t.equal((await closed)[0], 1006)
  await until('the service knows', () => service.closed.length === 1)
  await until('it is logged', () => lastRequest() !== undefined)
  t.match(lastRequest(), { status: 101, aborted: true })
})

t.test('one that is opened while the gateway closes is told at once', async (t) => {
  let accept = (): void => {}
  const service = await startWebSocketService(t, {
    verifyClient: (_, done) => (accept = () => done(true)),
  })
  const { gateway, port, clock } = await startGateway(t, { upstream: service.url })
  const opening = openWebSocket(t, port)
  const before = accept
  await until('the service is asked', () => accept !== before)
  const closed = gateway.close()
  accept()
  t.same(await (await opening).closed, [1001, 'the gateway is going away'])
  await closed
  t.equal(clock.sleepers, 1, 'the looks at what is overloaded')
})

t.test('closing the gateway tells every WebSocket that it goes away', async (t) => {
  const service = await startWebSocketService(t)
  const { gateway, port, events } = await startGateway(t, { upstream: service.url })
  const clients = [await openWebSocket(t, port), await openWebSocket(t, port)]
  const closed = gateway.close()
  for (const client of clients) t.same(await client.closed, [1001, 'the gateway is going away'])
  await closed
  t.match(events.at(-1), { event: 'closed', cutConnections: false })
  await until('the service knows', () => service.closed.length === 2)
  t.same(service.closed[0], [1001, 'the gateway is going away'])
})
