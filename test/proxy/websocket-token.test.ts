// A browser can set no Authorization on a WebSocket.
import { once } from 'node:events'
import t, { type Test } from 'tap'
import { WebSocket } from 'ws'
import { bearer, mint, startGateway } from '../support/gateways.js'
import { passportIn } from '../support/passports.js'
import { until } from '../support/until.js'
import { openWebSocket, startWebSocketService } from '../support/websockets.js'

const refusalOf = async (
  t: Test,
  port: number,
  protocols: string[],
  headers = {},
): Promise<{ statusCode: number; headers: Record<string, string> }> => {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/v1/proxy/`, protocols, { headers })
  const [, response] = (await once(socket, 'unexpected-response')) as [
    unknown,
    { statusCode: number; headers: Record<string, string> },
  ]
  socket.on('error', () => {}).terminate()
  return response
}

t.test('a token may come as a subprotocol, which the service does not see', async (t) => {
  const service = await startWebSocketService(t, {
    handleProtocols: (protocols) => [...protocols][0] ?? false,
  })
  const { port } = await startGateway(t, { upstream: service.url, websocketTokens: true })
  const one = await openWebSocket(t, port, { protocols: ['bearer', mint()], headers: {} })
  t.equal(one.socket.protocol, 'bearer', 'confirmed, or a browser would hang up')
  t.equal(service.requests[0]?.headers['sec-websocket-protocol'], undefined)
  t.ok(service.requests[0]?.headers['x-passport'])
  const other = await openWebSocket(t, port, {
    protocols: ['chat', 'bearer', mint(), 'talk'],
    headers: {},
  })
  t.equal(other.socket.protocol, 'chat')
  t.equal(service.requests[1]?.headers['sec-websocket-protocol'], 'chat, talk')
  t.equal((await openWebSocket(t, port, { protocols: ['chat'] })).socket.protocol, 'chat')
  t.equal(service.requests[2]?.headers['sec-websocket-protocol'], 'chat')
})

t.test('a bad token there is refused, and so are two', async (t) => {
  const service = await startWebSocketService(t)
  const { port, events } = await startGateway(t, { upstream: service.url, websocketTokens: true })
  const rows: Array<[string[], Record<string, string>, string]> = [
    [['bearer', 'x.y.z'], {}, 'malformed'],
    [['bearer', mint({ exp: 1 })], {}, 'expired'],
    [['bearer', mint()], bearer(), 'two_tokens'],
    [['bearer'], {}, 'malformed'],
    [['chat'], {}, 'no_token'],
  ]
  for (const [protocols, headers, reason] of rows) {
    const { statusCode } = await refusalOf(t, port, protocols, headers)
    t.equal(statusCode, 401, reason)
  }
  t.equal(service.requests.length, 0)
  const reasons = (): unknown[] =>
    events.flatMap((event) => (event.event === 'request' ? [event.reason] : []))
  await until('they are logged', () => reasons().length === rows.length)
  t.same(
    reasons(),
    rows.map(([, , reason]) => reason),
  )
})

t.test('where no token is required, a WebSocket without one has no end of its own', async (t) => {
  const service = await startWebSocketService(t)
  const { port, clock } = await startGateway(t, {
    routes: [{ path: '/open', upstream: service.url, auth: 'optional' }],
    timeouts: { idleTunnelMs: 1_000_000_000 },
  })
  const { socket, messages } = await openWebSocket(t, port, {
    path: '/v1/proxy/open',
    headers: {},
  })
  t.equal(passportIn(service.requests[0]?.headers)?.token_status, 'anonymous')
  clock.advance(100_000_000)
  socket.send('still here')
  await until('an answer', () => messages.length === 1)
})

t.test('unless that is asked for, a subprotocol is no token, and passes as it is', async (t) => {
  const service = await startWebSocketService(t)
  const { port } = await startGateway(t, { upstream: service.url })
  t.equal((await refusalOf(t, port, ['bearer', mint()])).statusCode, 401)
  await openWebSocket(t, port, { protocols: ['bearer', 'x'] })
  t.equal(service.requests[0]?.headers['sec-websocket-protocol'], 'bearer,x')
})

t.test('a plain request cannot bring its token there', async (t) => {
  const service = await startWebSocketService(t)
  const { origin } = await startGateway(t, { upstream: service.url, websocketTokens: true })
  const headers = { 'Sec-WebSocket-Protocol': `bearer, ${mint()}` }
  t.equal((await fetch(`${origin}/v1/proxy/`, { headers })).status, 401)
})
