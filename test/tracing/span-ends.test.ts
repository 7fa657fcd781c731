// Whatever becomes of a request, its spans end, and each of them once.
import t from 'tap'
import { bearer, startGateway } from '../support/gateways.js'
import { connectRaw } from '../support/raw-client.js'
import { AUTHORIZATION, hasHead, SWITCH, upgradeRequest } from '../support/raw-requests.js'
import { startRawService } from '../support/services.js'
import { createRecorder, summaryOf } from '../support/spans.js'
import { until } from '../support/until.js'
import { openWebSocket, startWebSocketService } from '../support/websockets.js'

const GET = ['GET /v1/proxy/a HTTP/1.1', 'Host: a', AUTHORIZATION, '', '']
const HALF = 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf'

t.test('of a client that goes away before the answer, and in the middle of it', async (t) => {
  let answer = ''
  const service = await startRawService(t, ({ socket }) => void socket.write(answer))
  const recorder = createRecorder(t)
  const { port } = await startGateway(t, { upstream: service.url }, recorder)
  const leave = async (count: number) => {
    const client = connectRaw(t, port)
    client.send(...GET)
    await until('it is asked', () => service.connections.length === count)
    if (answer !== '') await client.until(/half/)
    t.equal(recorder.openCount, 2)
    client.socket.destroy()
    return (await recorder.take()).map(summaryOf)
  }
  const before = await leave(1)
  t.match(before, [
    { status: 'UNSET', attributes: { 'error.type': 'aborted', 'http.route': '/v1/proxy/*' } },
    { status: 'UNSET', attributes: { 'error.type': 'aborted' } },
  ])
  for (const { attributes } of before) t.notOk('http.response.status_code' in attributes)
  answer = HALF
  const aborted = { 'error.type': 'aborted', 'http.response.status_code': 200 }
  t.match(await leave(2), [
    { status: 'UNSET', attributes: aborted },
    { status: 'UNSET', attributes: aborted },
  ])
})

t.test('of a service that breaks off, or falls silent', async (t) => {
  let isSilent = false
  const service = await startRawService(t, (connection) => {
    if (!hasHead(connection)) return
    if (isSilent) connection.socket.write(HALF)
    else connection.socket.end(HALF)
  })
  const recorder = createRecorder(t)
  const { port, clock } = await startGateway(t, { upstream: service.url }, recorder)
  const broken = (type: string, cause: string | RegExp) => [
    { status: 'ERROR', attributes: { 'error.type': type, 'http.response.status_code': 200 } },
    { status: 'ERROR', attributes: { 'error.type': cause, 'http.response.status_code': 200 } },
  ]
  const client = connectRaw(t, port)
  client.send(...GET)
  await client.untilClosed()
  t.match((await recorder.take()).map(summaryOf), broken('upstream_failed', 'ECONNRESET'))
  isSilent = true
  const other = connectRaw(t, port)
  other.send(...GET)
  await other.until(/half/)
  clock.advance(30_000)
  await other.untilClosed()
  t.match((await recorder.take()).map(summaryOf), broken('upstream_timeout', 'timeout'))
})

t.test('of a body that is too large, which is no fault of the service', async (t) => {
  const service = await startRawService(t, () => {})
  const recorder = createRecorder(t)
  const routes = [{ path: '/', upstream: service.url, bodyBytes: 3 }]
  const { port } = await startGateway(t, { upstream: undefined, routes }, recorder)
  const client = connectRaw(t, port)
  client.send(
    'POST /v1/proxy/ HTTP/1.1',
    'Host: a',
    AUTHORIZATION,
    'Transfer-Encoding: chunked',
    'Connection: close',
    '',
    '4',
    'body',
    '0',
    '',
    '',
  )
  t.match(await client.untilClosed(), /^HTTP\/1\.1 413 /)
  t.match((await recorder.take()).map(summaryOf), [
    { name: 'POST /v1/proxy/*', status: 'UNSET' },
    { name: 'POST', status: 'UNSET', attributes: { 'error.type': 'aborted' } },
  ])
})

t.test('of a WebSocket with the WebSocket, which the service finds in its trace', async (t) => {
  const service = await startWebSocketService(t)
  const recorder = createRecorder(t)
  const { port } = await startGateway(t, { upstream: service.url }, recorder)
  const { socket } = await openWebSocket(t, port, { headers: bearer() })
  t.equal(recorder.openCount, 2, 'they last as long as it')
  socket.close()
  const spans = await recorder.take()
  const switched = { status: 'UNSET', attributes: { 'http.response.status_code': 101 } }
  t.match(spans.map(summaryOf), [switched, switched])
  for (const { attributes } of spans) t.notOk('error.type' in attributes)
  const { traceId, spanId } = spans[1]?.spanContext() ?? {}
  t.equal(service.requests[0]?.headers['traceparent'], `00-${traceId}-${spanId}-01`)
})

t.test('of a tunnel that is cut', async (t) => {
  const service = await startRawService(t, (connection) => {
    if (hasHead(connection)) connection.socket.write(SWITCH)
  })
  const recorder = createRecorder(t)
  const { port } = await startGateway(t, { upstream: service.url }, recorder)
  const client = connectRaw(t, port)
  client.send(...upgradeRequest('Upgrade: talk'))
  await client.until(/ 101 /)
  service.connections[0]?.socket.resetAndDestroy()
  const cut = { 'error.type': 'aborted', 'http.response.status_code': 101 }
  t.match((await recorder.take()).map(summaryOf), [{ attributes: cut }, { attributes: cut }])
})

t.test('of what is in flight when the gateway closes', async (t) => {
  const service = await startRawService(t, () => {})
  const webSockets = await startWebSocketService(t)
  const recorder = createRecorder(t)
  const { gateway, port, clock } = await startGateway(
    t,
    { upstream: service.url, routes: [{ path: '/ws', upstream: webSockets.url }] },
    recorder,
  )
  connectRaw(t, port).send(...GET)
  await openWebSocket(t, port, { path: '/v1/proxy/ws' })
  await until('both are in flight', () => recorder.openCount === 4)
  const closed = gateway.close()
  clock.advance(60_000)
  await closed
  const spans = await recorder.take()
  t.equal(spans.length, 4)
  t.equal(recorder.openCount, 0)
})

t.test('of many at once, each below its own request', async (t) => {
  const service = await startRawService(t, ({ socket, received }) => {
    if (received.endsWith('\r\n\r\n')) socket.write('HTTP/1.1 204 No Content\r\n\r\n')
  })
  const recorder = createRecorder(t)
  const { origin } = await startGateway(t, { upstream: service.url }, recorder)
  await Promise.all(
    Array.from({ length: 50 }, () => fetch(`${origin}/v1/proxy/`, { headers: bearer() })),
  )
  const spans = await recorder.take()
  const servers = spans.filter(({ parentSpanContext }) => !parentSpanContext)
  t.equal(spans.length, 100)
  t.equal(servers.length, 50)
  t.equal(new Set(servers.map((span) => span.spanContext().traceId)).size, 50)
  const parents = spans.flatMap(({ parentSpanContext }) => parentSpanContext?.spanId ?? [])
  t.same(parents.sort(), servers.map((span) => span.spanContext().spanId).sort())
})
