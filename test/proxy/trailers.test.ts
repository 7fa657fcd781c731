import t from 'tap'
import { bearer, startGateway } from '../support/gateways.js'
import { connectRaw } from '../support/raw-client.js'
import { startRawService, OK_EMPTY } from '../support/services.js'
import { until } from '../support/until.js'

const AUTHORIZATION = `Authorization: ${bearer().Authorization}`
const CHUNKED = 'Transfer-Encoding: chunked'

t.test('trailers of a request reach the service, with their announcement', async (t) => {
  const service = await startRawService(t, ({ socket, received }) => {
    if (/\r\n0\r\n[^]*\r\n\r\n$/.test(received)) socket.end(OK_EMPTY)
  })
  const { port } = await startGateway(t, { upstream: service.url })
  const client = connectRaw(t, port)
  client.send(
    'POST /v1/proxy/a HTTP/1.1',
    'Host: a',
    AUTHORIZATION,
    'TE: gzip;q=0.5, trailers',
    'Trailer: X-Checksum, X-Passport, Content-Length',
    'Trailer: x_proxy_state, X-Count',
    CHUNKED,
    '',
    '5',
    'hello',
    '0',
    'X-Checksum: abc',
    'x-COUNT: 1',
    'x-COUNT: 2',
    '',
    '',
  )
  await client.until(/^HTTP\/1\.1 200 /)
  const received = service.connections[0]?.received ?? ''
  t.match(received, /\r\nTrailer: X-Checksum, X-Count\r\n/)
  t.match(received, /\r\nTE: trailers\r\nConnection: TE, keep-alive\r\n/)
  t.match(
    received,
    /\r\n\r\n5\r\nhello\r\n0\r\nX-Checksum: abc\r\nx-COUNT: 1\r\nx-COUNT: 2\r\n\r\n$/,
  )
})

t.test('what would frame, route, identify or authorise is no trailer', async (t) => {
  const service = await startRawService(t, ({ socket, received }) => {
    if (/\r\n0\r\n[^]*\r\n\r\n$/.test(received)) socket.end(OK_EMPTY)
  })
  const { port } = await startGateway(t, {
    upstream: service.url,
    passAuthorization: true,
    trustProxy: ['127.0.0.1'],
  })
  const barred = `X-Passport x_passport X-Passport-Signature X.Proxy.State Authorization Host
    Cookie Connection TE X-Forwarded-For X-Forwarded-User X-Real-IP X-Request-Id traceparent
    Content-Type Via Proxy-Authorization Set-Cookie Range`.split(/\s+/)
  const client = connectRaw(t, port)
  const lines = barred.map((name) => `${name}: forged`)
  const head = ['POST /v1/proxy/a HTTP/1.1', 'Host: a', AUTHORIZATION, CHUNKED, '']
  client.send(...head, '1', 'x', '0', ...lines, 'X-Fine: yes', '', '')
  await client.until(/^HTTP\/1\.1 200 /)
  t.match(service.connections[0]?.received, /\r\n0\r\nX-Fine: yes\r\n\r\n$/)
  t.notMatch(service.connections[0]?.received, /forged/)
})

t.test('trailers of an answer reach the client, without what only a service may see', async (t) => {
  const service = await startRawService(t, ({ socket }) => {
    const head = ['HTTP/1.1 200 OK', 'Trailer: Server-Timing, X-Passport', CHUNKED, '']
    const trailers = ['Server-Timing: db;dur=5', 'X-Passport: secret', 'Set-Cookie: a=1', '', '']
    socket.end([...head, '2', 'ok', '0', ...trailers].join('\r\n'))
  })
  const { port } = await startGateway(t, { upstream: service.url })
  const get = (version: string): string =>
    [`GET /v1/proxy/a HTTP/${version}`, 'Host: a', AUTHORIZATION, '', ''].join('\r\n')
  const client = connectRaw(t, port)
  client.send(get('1.1'))
  const answer = await client.until(/\r\n0\r\n[^]*\r\n\r\n$/)
  t.match(answer, /\r\nTrailer: Server-Timing\r\n/)
  t.match(answer, /\r\n\r\n2\r\nok\r\n0\r\nServer-Timing: db;dur=5\r\n\r\n$/)
  const old = connectRaw(t, port)
  old.send(get('1.0'))
  t.match(await old.untilClosed(), /\r\n\r\nok$/, 'an HTTP/1.0 client gets none')
})

t.test('without trailers nothing is announced', async (t) => {
  const service = await startRawService(t, ({ socket }) => void socket.end(OK_EMPTY))
  const { port } = await startGateway(t, { upstream: service.url })
  const client = connectRaw(t, port)
  const lines = ['TE: gzip', 'Trailer: X-Passport, ', '', '']
  client.send('GET /v1/proxy/a HTTP/1.1', 'Host: a', AUTHORIZATION, ...lines)
  t.notMatch(await client.until(/ 200 [^]*\r\n\r\n/), /trailer/i)
  t.notMatch(service.connections[0]?.received, /\r\n(TE|Trailer):/i)
})

t.test('what is announced where no trailer can be is not announced on', async (t) => {
  let answer = ''
  const service = await startRawService(t, ({ socket }) => void socket.end(answer))
  const { port } = await startGateway(t, { upstream: service.url })
  const requests: Array<[string, string[]]> = [
    ['PUT', ['Content-Length: 1', '', 'x']],
    ['POST', ['', '']],
    ['GET', ['', '']],
    ['HEAD', ['', '']],
  ]
  const answers = [
    'HTTP/1.1 200 OK\r\nTrailer: X-A\r\nContent-Length: 0\r\n\r\n',
    'HTTP/1.1 200 OK\r\nTrailer: X-A\r\n\r\n',
    'HTTP/1.1 204 No Content\r\nTrailer: X-A\r\n\r\n',
    'HTTP/1.1 304 Not Modified\r\nTrailer: X-A\r\nTransfer-Encoding: chunked\r\n\r\n',
  ]
  for (const [method, lines] of requests)
    for (const given of answers) {
      answer = given
      const client = connectRaw(t, port)
      client.send(
        `${method} /v1/proxy/a HTTP/1.1`,
        'Host: a',
        AUTHORIZATION,
        'Trailer: X-A',
        ...lines,
      )
      const received = await client.until(/\r\n\r\n/)
      t.match(received, /^HTTP\/1\.1 [23]0[04] /, `${method}, ${given}`)
      t.notMatch(received, /trailer/i)
    }
  for (const { received } of service.connections) t.notMatch(received, /trailer/i)
})

t.test('trailers, and extensions of chunks, without end are the end of the message', async (t) => {
  const head = ['HTTP/1.1 200 OK', CHUNKED, '', '2', 'ok']
  const endless = [`0\r\n${'X-More: yes\r\n'.repeat(10_000)}`, `1;${'x=y;'.repeat(10_000)}`]
  let answer = ''
  const service = await startRawService(t, ({ socket, received }) => {
    if (answer !== '' && received.includes('GET /')) socket.write(answer)
  })
  const { port } = await startGateway(t, { upstream: service.url })
  for (const more of endless) {
    const client = connectRaw(t, port)
    client.send('POST /v1/proxy/a HTTP/1.1', 'Host: a', AUTHORIZATION, CHUNKED, '', '2', 'ok', more)
    await client.untilClosed()
    await until('the service is told', () => service.connections.every(({ isClosed }) => isClosed))
    t.notMatch(service.connections.at(-1)?.received, /\r\n0\r\n/, 'and took it for no whole one')
    answer = [...head, more].join('\r\n')
    const reader = connectRaw(t, port)
    reader.send('GET /v1/proxy/a HTTP/1.1', 'Host: a', AUTHORIZATION, '', '')
    t.notMatch(await reader.untilClosed(), /\r\n0\r\n/, 'it broke off')
    answer = ''
  }
})
