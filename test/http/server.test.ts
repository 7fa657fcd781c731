import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { createGateway } from '../../lib/index.js'
import { bearer, NOWHERE, SECRET, startGateway } from '../support/gateways.js'
import { countAnswers, connectRaw, exchangeRaw } from '../support/raw-client.js'
import { startRawService, startService, OK_EMPTY } from '../support/services.js'
import { until } from '../support/until.js'

const AUTHORIZATION = `Authorization: ${bearer().Authorization}`
const tiny = (count: number): string[] => Array.from({ length: count }, (_, i) => `a${i}: b`)

// CVE-2026-58044: past a number of lines node's parser drops fields and still frames the body by them.
t.test('a Content-Length hidden behind 998 tiny headers smuggles nothing', async (t) => {
  const service = await startRawService(t, ({ socket }) => void socket.write(OK_EMPTY))
  const limits = { headerCount: 500, headerBytes: 65_536 }
  const { port, gateway } = await startGateway(t, { upstream: service.url, limits })
  const own = createServer({ maxHeaderSize: 65_536 }, gateway.handler).listen(0, '127.0.0.1')
  await once(own, 'listening')
  t.teardown(() => void own.close())
  const smuggled = ['GET /admin HTTP/1.1', 'Host: b', '', ''].join('\r\n')
  for (const at of [port, (own.address() as AddressInfo).port]) {
    const answer = await exchangeRaw(
      t,
      at,
      'POST /v1/proxy/ HTTP/1.1',
      'Host: a',
      AUTHORIZATION,
      ...tiny(998),
      `Content-Length: ${smuggled.length}`,
      '',
      smuggled,
    )
    t.match(answer, /^HTTP\/1\.1 431 /)
    t.equal(countAnswers(answer), 1)
  }
  t.same(service.connections, [])
})

t.test('header lines and the size of the header section are bounded', async (t) => {
  const { port } = await startGateway(t, { limits: { headerCount: 16, headerBytes: 4_096 } })
  const health = ['GET /healthz HTTP/1.1', 'Host: a', 'Connection: close']
  t.match(await exchangeRaw(t, port, ...health, ...tiny(14), '', ''), /^HTTP\/1\.1 200 /)
  t.match(await exchangeRaw(t, port, ...health, ...tiny(15), '', ''), /^HTTP\/1\.1 431 /)
  const large = await exchangeRaw(t, port, ...health, `a: ${'b'.repeat(4_096)}`, '', '')
  t.match(large, /^HTTP\/1\.1 431 [^]*"code":"headers_too_large"/)
})

t.test('a client that is slow with its headers is cut off', async (t) => {
  const { port } = await startGateway(t, { timeouts: { clientHeadersMs: 50 } })
  const silent = connectRaw(t, port)
  const slow = connectRaw(t, port)
  slow.send('GET /healthz HTTP/1.1', 'Host: a', '')
  t.match(await slow.untilClosed(), /^HTTP\/1\.1 408 /)
  await silent.untilClosed()
})

t.test('an idle connection is closed after a while', async (t) => {
  const { port } = await startGateway(t, { timeouts: { keepAliveMs: 50 } })
  const client = connectRaw(t, port)
  client.send('GET /healthz HTTP/1.1', 'Host: a', '', '')
  t.match(await client.untilClosed(), /^HTTP\/1\.1 200 /)
})

t.test('connections beyond the limit are closed as they come', async (t) => {
  const { port } = await startGateway(t, { limits: { connections: 2 } })
  const kept = [connectRaw(t, port), connectRaw(t, port)]
  for (const client of kept) {
    client.send('GET /healthz HTTP/1.1', 'Host: a', '', '')
    await client.until(/200 OK/)
  }
  t.equal(await connectRaw(t, port).untilClosed(), '')
  t.notOk(kept.some(({ isClosed }) => isClosed))
})

t.test('faulty bytes behind a request do not answer in its place', async (t) => {
  const service = await startService(t, () => {}) // never answers
  const { port, events } = await startGateway(t, { upstream: service.url })
  const client = connectRaw(t, port)
  client.send('GET /v1/proxy/ HTTP/1.1', 'Host: a', AUTHORIZATION, '', '')
  await until('the service is asked', () => service.requests.length === 1)
  client.send('no HTTP', '')
  t.equal(await client.untilClosed(), '')
  t.match(
    events.find(({ event }) => event === 'connection_refused'),
    { cause: /^HPE_/ },
  )
})

t.test('what the parser refuses, and CONNECT, have a line of their own in the log', async (t) => {
  const { port, events } = await startGateway(t)
  const rows: Array<[string, number, RegExp]> = [
    ['CONNECT b:443 HTTP/1.1\r\nHost: b\r\n\r\n', 405, /^CONNECT$/],
    ['FROB / HTTP/1.1\r\nHost: b\r\n\r\n', 501, /^HPE_INVALID_METHOD$/],
    [`GET / HTTP/1.1\r\nX: ${'y'.repeat(20_000)}\r\n\r\n`, 431, /^HPE_HEADER_OVERFLOW$/],
    ['\0', 400, /^HPE_/],
  ]
  for (const [bytes, status, cause] of rows) {
    events.splice(0)
    await exchangeRaw(t, port, bytes)
    t.match(events, [{ event: 'connection_refused', status, cause }])
  }
})

t.test('a gateway answers inside a server of its user', async (t) => {
  const service = await startService(t)
  const { gateway } = await startGateway(t, { upstream: service.url })
  const own = createServer(gateway.handler).listen(0, '127.0.0.1')
  await once(own, 'listening')
  t.teardown(() => void own.close())
  const origin = `http://127.0.0.1:${(own.address() as AddressInfo).port}`
  const response = await fetch(`${origin}/v1/proxy/a`, { headers: bearer() })
  t.equal(await response.text(), 'ok')
  t.equal((await fetch(`${origin}/v1/proxy/a`)).status, 401)
})

t.test('a port that is taken is an error of listen', async (t) => {
  const { port } = await startGateway(t)
  const other = createGateway({ jwtSecret: SECRET, upstream: NOWHERE })
  await t.rejects(other.listen(port), { code: 'EADDRINUSE' })
  await other.close()
})

t.test('a body that is not well-formed is told so, as long as nothing was answered', async (t) => {
  let begin = false
  const service = await startRawService(t, ({ socket }) => {
    if (begin) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf')
  })
  const { port, events } = await startGateway(t, { upstream: service.url })
  const post = ['POST /v1/proxy/a HTTP/1.1', 'Host: a', AUTHORIZATION, 'Transfer-Encoding: chunked']
  const faulty = connectRaw(t, port)
  faulty.send(...post, '', '1', 'x', '')
  await until('it begins', () => service.connections.length === 1)
  faulty.send('zz', '')
  t.match(await faulty.untilClosed(), /^HTTP\/1\.1 400 [^]*"code":"malformed_message"/)
  t.equal(countAnswers(faulty.received), 1)
  await until('the service is let go', () => service.connections[0]?.isClosed === true)
  t.notMatch(service.connections[0]?.received, /\r\n0\r\n/, 'half a body never looks whole')
  t.ok(events.some(({ event }) => event === 'connection_refused'))
  begin = true
  const answered = connectRaw(t, port)
  answered.send(...post, '', '1', 'x', '')
  await answered.until(/half$/)
  answered.send('zz', '')
  t.match(await answered.untilClosed(), /half$/)
  t.equal(countAnswers(answered.received), 1)
})

t.test(
  'an upgrade behind an answer that closes the connection does not end the process',
  async (t) => {
    const { port, origin } = await startGateway(t)
    // More than node reads at once, so that the answer is sent before the rest is read.
    const bytes = 65_536
    const client = connectRaw(t, port)
    client.send(
      'POST /nowhere HTTP/1.1',
      'Host: a',
      'Expect: 100-continue',
      `Content-Length: ${bytes}`,
      '',
      `${'x'.repeat(bytes)}POST /healthz HTTP/1.1`,
      'Host: a',
      'Content-Length: 0',
      '',
      'GET /healthz HTTP/1.1',
      'Host: a',
      'Connection: Upgrade',
      'Upgrade: talk',
      '',
      '',
    )
    t.equal(countAnswers(await client.untilClosed()), 1)
    t.equal((await fetch(`${origin}/healthz`)).status, 200)
  },
)
