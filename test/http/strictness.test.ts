import t from 'tap'
import { bearer, startGateway } from '../support/gateways.js'
import { countAnswers, connectRaw } from '../support/raw-client.js'
import { startRawService, OK_EMPTY } from '../support/services.js'

const AUTHORIZATION = `Authorization: ${bearer().Authorization}`

t.test(
  'a request that could be read in two ways is refused, and its connection closed',
  async (t) => {
    const service = await startRawService(t, ({ socket }) => void socket.write(OK_EMPTY))
    const { port, clock } = await startGateway(t, { upstream: service.url })
    clock.hurry(t)
    const get = 'GET /v1/proxy/ HTTP/1.1'
    const post = 'POST /v1/proxy/ HTTP/1.1'
    const host = 'Host: a'
    const chunked = 'Transfer-Encoding: chunked'
    const rows: Array<[string, number, string, string[]]> = [
      ['no Host', 400, 'invalid_host', [get]],
      ['two Host', 400, 'invalid_host', [get, host, host]],
      ['empty Host', 400, 'invalid_host', [get, 'Host:']],
      ['Host with path', 400, 'invalid_host', [get, 'Host: a/b']],
      ['Host with user', 400, 'invalid_host', [get, 'Host: a@b']],
      ['Host with space', 400, 'invalid_host', [get, 'Host: a b']],
      ['Host with two ports', 400, 'invalid_host', [get, 'Host: a:1:2']],
      ['Host with comma', 400, 'invalid_host', [get, 'Host: a,b']],
      ['HTTP/2.0', 505, 'unsupported_http_version', ['GET /v1/proxy/ HTTP/2.0', host]],
      ['HTTP/0.9', 505, 'unsupported_http_version', ['GET /v1/proxy/ HTTP/0.9', host]],
      ['no version', 505, 'unsupported_http_version', ['GET /v1/proxy/', host]],
      ['unknown expectation', 417, 'expectation_failed', [get, host, 'Expect: 200-ok']],
      ['two expectations', 417, 'expectation_failed', [get, host, 'Expect: 100-continue, x']],
      [
        'two lengths',
        400,
        'malformed_message',
        [post, host, 'Content-Length: 1', 'Content-Length: 2'],
      ],
      ['length and chunked', 400, 'malformed_message', [post, host, 'Content-Length: 5', chunked]],
      ['length of +5', 400, 'malformed_message', [post, host, 'Content-Length: +5']],
      ['length of 5,5', 400, 'malformed_message', [post, host, 'Content-Length: 5,5']],
      [
        'length of 17 digits',
        400,
        'invalid_framing',
        [post, host, 'Content-Length: 10000000000000000'],
      ],
      ['chunked twice', 400, 'malformed_message', [post, host, chunked, chunked]],
      [
        'gzip, chunked',
        501,
        'unknown_transfer_coding',
        [post, host, 'Transfer-Encoding: gzip, chunked'],
      ],
      ['chunked, gzip', 400, 'malformed_message', [post, host, 'Transfer-Encoding: chunked, gzip']],
      ['identity', 501, 'unknown_transfer_coding', [post, host, 'Transfer-Encoding: identity']],
      ['chunked in 1.0', 400, 'invalid_framing', ['POST /v1/proxy/ HTTP/1.0', host, chunked]],
      ['space before colon', 400, 'malformed_message', [get, host, 'X : y']],
      ['folded line', 400, 'malformed_message', [get, host, 'X: y', ' z']],
      ['NUL in a value', 400, 'malformed_message', [get, host, 'X: y\0']],
      ['space in a target', 400, 'malformed_message', ['GET /v1/proxy/a b HTTP/1.1', host]],
      ['bare line feeds', 400, 'malformed_message', [`${get}\n${host}\nX: y\n`]],
      ['no HTTP at all', 400, 'malformed_message', ['\x16\x03\x01']],
      ['unknown method', 501, 'unknown_method', ['FROB /v1/proxy/ HTTP/1.1', host]],
    ]
    for (const [what, status, code, lines] of rows) {
      const faulty = [...lines, AUTHORIZATION, '', ''].join('\r\n')
      const client = connectRaw(t, port)
      client.send(faulty)
      const answer = await client.until(/\}$/)
      t.match(answer, new RegExp(`^HTTP/1.1 ${status} [^]*"code":"${code}"`), what)
      const smuggler = connectRaw(t, port)
      smuggler.send(`${faulty}GET /v1/proxy/smuggled HTTP/1.1`, host, AUTHORIZATION, '', '')
      const answers = await smuggler.untilClosed()
      t.ok(countAnswers(answers) <= 1, `${what}: one answer`)
    }
    t.same(service.connections, [], 'the service saw nothing of it')
  },
)

t.test('what is well-formed is let through', async (t) => {
  const { port } = await startGateway(t)
  const rows: string[][] = [
    ['GET /healthz HTTP/1.1', 'Host: example.com:8080'],
    ['GET /healthz HTTP/1.1', 'Host: [::1]:8080'],
    ['GET /healthz HTTP/1.1', 'host: 127.0.0.1'],
    ['GET /healthz HTTP/1.0'],
    ['GET http://A.example/healthz HTTP/1.1', 'Host: a.example'],
    ['GET /healthz HTTP/1.1', 'Host: a', 'Content-Length: 0'],
    ['GET /healthz HTTP/1.1', 'Host: a', 'Expect: 100-Continue'],
    ['GET /healthz HTTP/1.1', 'Host: a', '__proto__: x', 'constructor: y', 'toString: z'],
  ]
  for (const lines of rows) {
    const client = connectRaw(t, port)
    client.send(...lines, '', '')
    t.ok(await client.until(/^HTTP\/1\.1 200 OK[^]*\{"status":"ok"\}$/), lines.join(' | '))
  }
})

t.test('a target that a service could read otherwise is refused', async (t) => {
  const service = await startRawService(t, ({ socket }) => void socket.write(OK_EMPTY))
  const { port } = await startGateway(t, { upstream: service.url })
  const refused = [
    '/v1/proxy/../admin',
    '/v1/proxy/./a',
    '/v1/proxy/a/..',
    '/v1/proxy/a/.',
    '/v1/proxy/%2e%2e/a',
    '/v1/proxy/.%2E/a',
    '/v1/proxy/%2e/a',
    '/v1/proxy/..;/a',
    '/v1/proxy/..%3bx=y/a',
    '/v1/proxy/.;x/a',
    '/v1/proxy/a%2fb',
    '/v1/proxy/a%2Fb',
    '/v1/proxy/a%5cb',
    '/v1/proxy/a\\b',
    '/v1/proxy/a%00',
    '/v1/proxy/a%0d%0aX:y',
    '/v1/proxy/a%1f',
    '/v1/proxy/a%7f',
    '/v1/proxy/a%c0%af',
    '/v1/proxy/a%',
    '/v1/proxy/a%zz',
    '/v1/proxy/a#b',
    '/v1/proxy/\xe9',
    '*',
    'http://other.example/v1/proxy/a',
    'http://a@b/v1/proxy/a',
    'ftp://a/v1/proxy/a',
    'http:/v1/proxy/a',
  ]
  for (const target of refused) {
    const client = connectRaw(t, port)
    const lines = [`GET ${target} HTTP/1.1`, 'Host: a', AUTHORIZATION, '', '']
    client.send(...lines)
    t.ok(
      await client.until(/^HTTP\/1\.1 400 [^]*"code":"(invalid_target|malformed_message)"/),
      target,
    )
  }
  t.same(service.connections, [])
})

t.test('CONNECT and TRACE are refused', async (t) => {
  const { port } = await startGateway(t)
  for (const line of ['CONNECT b:443 HTTP/1.1', 'TRACE /v1/proxy/a HTTP/1.1']) {
    const client = connectRaw(t, port)
    client.send(line, 'Host: a', AUTHORIZATION, '', '')
    const answer = await client.until(/"code":"method_not_allowed"/)
    t.match(answer, /^HTTP\/1\.1 405 [^]*\r\nAllow:/)
    t.notMatch(answer, new RegExp(AUTHORIZATION))
  }
})

t.test('a known path with another method is 405 with Allow; an unknown path is 404', async (t) => {
  const { origin } = await startGateway(t)
  const rows: Array<[string, string, number, string | null]> = [
    ['GET', '/v1/auth/signup', 405, 'POST'],
    ['OPTIONS', '/v1/auth/login', 405, 'POST'],
    ['POST', '/healthz', 405, 'GET, HEAD'],
    ['DELETE', '/readyz', 405, 'GET, HEAD'],
    ['GET', '/', 404, null],
    ['GET', '/v1/auth/signup/', 404, null],
    ['GET', '/V1/proxy/a', 404, null],
    ['GET', '/v1/proxy', 404, null],
    ['GET', '/v1//proxy/a', 404, null],
    ['GET', '/constructor', 404, null],
  ]
  for (const [method, path, status, allow] of rows) {
    const response = await fetch(origin + path, { method })
    t.equal(response.status, status, `${method} ${path}`)
    t.equal(response.headers.get('allow'), allow)
    t.equal(response.headers.get('content-type'), 'application/problem+json')
    t.match(await response.json(), { status, code: String, title: String, detail: String })
  }
  const head = await fetch(`${origin}/healthz`, { method: 'HEAD' })
  t.same([head.status, head.headers.get('content-length')], [200, '15'])
})
