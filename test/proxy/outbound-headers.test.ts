import t from 'tap'
import { bearer, startGateway } from '../support/gateways.js'
import { connectRaw } from '../support/raw-client.js'
import { startRawService, startService, OK_EMPTY } from '../support/services.js'

const AUTHORIZATION = `Authorization: ${bearer().Authorization}`

const fieldsOf = (received: string): string[] =>
  (received.split('\r\n\r\n')[0] as string).split('\r\n').slice(1)

t.test(
  'what is hop-by-hop stays here; order, letter case and duplicates of the rest survive',
  async (t) => {
    const service = await startRawService(t, ({ socket }) => {
      socket.end(
        [
          'HTTP/1.1 299 Fine by me',
          'Connection: X-Hop, close',
          'X-Hop: 1',
          'Keep-Alive: timeout=5',
          'Proxy-Authenticate: Basic',
          'Upgrade: h2c',
          'Set-Cookie: a=1',
          'x-LOWER: b',
          'SET-COOKIE: c=2',
          'Date: Tue, 15 Nov 1994 08:12:31 GMT',
          'Content-Length: 2',
          '',
          'ok',
        ].join('\r\n'),
      )
    })
    const { port } = await startGateway(t, { upstream: service.url })
    const client = connectRaw(t, port)
    client.send(
      'GET /v1/proxy/a HTTP/1.1',
      'Host: public.example',
      'ACCEPT: */*',
      'X-b: 1',
      'x-B: 2',
      'Cookie: a=1',
      'X-Empty:',
      'Cookie: b=2',
      'Connection: X-Hop, keep-alive',
      'X-Hop: 1',
      'Keep-Alive: 300',
      'TE: gzip',
      'Proxy-Connection: keep-alive',
      'Proxy-Authorization: Basic eA==',
      'Upgrade: h2c',
      'HTTP2-Settings: AAMAAABk',
      AUTHORIZATION,
      'a: last',
      '',
      '',
    )
    const answer = await client.until(/ok$/)
    t.equal(answer.split('\r\n')[0], 'HTTP/1.1 299 Fine by me')
    t.same(
      fieldsOf(answer).filter(
        (line) => !/^(X-Request-Id|Via|X-Proxy-State|Connection|Keep-Alive)/.test(line),
      ),
      [
        'Set-Cookie: a=1',
        'x-LOWER: b',
        'SET-COOKIE: c=2',
        'Date: Tue, 15 Nov 1994 08:12:31 GMT',
        'Content-Length: 2',
      ],
    )
    const fields = fieldsOf(service.connections[0]?.received ?? '')
    const port_ = new URL(service.url).host
    t.same(fields.slice(0, 8), [
      `Host: ${port_}`,
      'ACCEPT: */*',
      'X-b: 1',
      'x-B: 2',
      'Cookie: a=1',
      'X-Empty: ',
      'Cookie: b=2',
      'a: last',
    ])
    t.match(fields.slice(8), [
      'X-Forwarded-For: 127.0.0.1',
      'X-Forwarded-Proto: http',
      'X-Forwarded-Host: public.example',
      /^X-Request-Id: [0-9a-f-]{36}$/,
      /^traceparent: 00-[0-9a-f]{32}-[0-9a-f]{16}-01$/,
      'Via: 1.1 passport-gateway',
      /^X-Passport: [A-Za-z0-9+/]+=*$/,
      'X-Proxy-State: ZnJlZTpJTjphbmRyb2lk',
      'Connection: keep-alive',
    ])
    t.equal(fields.length, 17)
    const id = fields.find((line) => line.startsWith('X-Request-Id'))
    t.ok(answer.includes(id as string), 'the client learns the request id')
  },
)

t.test('every field of an answer is seen, however many there are', async (t) => {
  const service = await startRawService(t, ({ socket }) => {
    const tiny = Array.from({ length: 1_200 }, (_, i) => `a${i}: b`)
    const lines = [...tiny, 'X-Passport: of the service', 'X-Last: c', 'Content-Length: 2']
    socket.end(['HTTP/1.1 200 OK', ...lines, '', 'ok'].join('\r\n'))
  })
  const { port } = await startGateway(t, { upstream: service.url })
  const client = connectRaw(t, port)
  client.send('GET /v1/proxy/a HTTP/1.1', 'Host: a', AUTHORIZATION, '', '')
  const answer = await client.until(/\r\n\r\nok$/)
  t.match(answer, /\r\na1199: b\r\nX-Last: c\r\nContent-Length: 2\r\n/)
})

t.test('the path is joined to that of the service, and sent as it came', async (t) => {
  const service = await startService(t)
  const bare = await startGateway(t, { upstream: service.url })
  const based = await startGateway(t, { upstream: `${service.url}/base/` })
  const paths = [
    '/a/b?x=1',
    '/',
    '/?',
    '//evil.example/a',
    '/@evil.example',
    '/a%20b%3F;c=d',
    '/a?b=../c%2f',
    '/http://x/',
    "/!$&'()*+,=:@~-._",
  ]
  for (const path of paths) {
    for (const { port } of [bare, based]) {
      const client = connectRaw(t, port)
      client.send(`GET /v1/proxy${path} HTTP/1.1`, 'Host: a', AUTHORIZATION, '', '')
      await client.until(/ 200 /)
    }
    t.same(
      service.requests.splice(0).map(({ url }) => url),
      [path, `/base${path}`],
    )
  }
})

t.test('where a request came from is believed of trusted peers alone', async (t) => {
  const service = await startService(t)
  const claims = {
    'x-forwarded-for': '203.0.113.7, 10.1.2.3',
    'x-forwarded-proto': 'https',
    'x-forwarded-host': 'public.example',
    'x-forwarded-port': '443',
    'x-real-ip': '203.0.113.7',
    forwarded: 'for=203.0.113.7',
    'x-request-id': 'of-the-proxy',
    via: '1.1 in-front',
  }
  const sentBy = async (options: object): Promise<Record<string, unknown>> => {
    const { origin } = await startGateway(t, { upstream: service.url, ...options })
    const response = await fetch(`${origin}/v1/proxy/`, { headers: { ...bearer(), ...claims } })
    const { headers = {} } = service.requests.pop() ?? {}
    t.equal(response.headers.get('x-request-id'), headers['x-request-id'])
    return headers
  }
  t.match(await sentBy({ trustProxy: ['127.0.0.1', '10.0.0.0/8'] }), {
    ...claims,
    'x-forwarded-for': '203.0.113.7, 10.1.2.3, 127.0.0.1',
    via: '1.1 in-front, 1.1 passport-gateway',
  })
  const plain = await sentBy({})
  t.equal(plain['x-forwarded-for'], '127.0.0.1')
  t.equal(plain['x-forwarded-proto'], 'http')
  t.match(plain, { 'x-forwarded-host': /^127\.0\.0\.1:\d+$/, 'x-request-id': /^[0-9a-f-]{36}$/ })
  for (const name of ['x-forwarded-port', 'x-real-ip', 'forwarded']) t.notOk(name in plain, name)
})

t.test('a request id of a trusted peer is believed only when it is one', async (t) => {
  const service = await startService(t)
  const { origin } = await startGateway(t, { upstream: service.url, trustProxy: ['127.0.0.1'] })
  for (const id of ['x'.repeat(129), 'a b', '{"a":1}']) {
    const headers = { ...bearer(), 'X-Request-Id': id }
    await fetch(`${origin}/v1/proxy/`, { headers })
    t.match(service.requests.pop()?.headers['x-request-id'], /^[0-9a-f-]{36}$/, id)
  }
})

t.test('each method goes through as it is', async (t) => {
  const service = await startRawService(t, ({ socket }) => void socket.write(OK_EMPTY))
  const { port } = await startGateway(t, { upstream: service.url })
  const methods = [
    'GET',
    'POST',
    'PUT',
    'PATCH',
    'DELETE',
    'OPTIONS',
    'PROPFIND',
    'REPORT',
    'PURGE',
    'M-SEARCH',
  ]
  for (const method of methods) {
    const client = connectRaw(t, port)
    client.send(
      `${method} /v1/proxy/a HTTP/1.1`,
      'Host: a',
      AUTHORIZATION,
      'Connection: close',
      '',
      '',
    )
    await client.until(/ 200 /)
  }
  const lines = service.connections.flatMap(({ received }) =>
    received.match(/^\S+ \/a HTTP\/1\.1/gm),
  )
  t.same(
    lines,
    methods.map((method) => `${method} /a HTTP/1.1`),
  )
})
