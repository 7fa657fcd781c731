import t from 'tap'
import { bearer, startGateway } from '../support/gateways.js'
import { connectRaw } from '../support/raw-client.js'
import { startRawService, OK_EMPTY } from '../support/services.js'

const AUTHORIZATION = `Authorization: ${bearer().Authorization}`
const FORGED = 'forged-by-the-client'

const SPELLINGS = [
  'X-Passport',
  'x-passport',
  'X-PASSPORT',
  'X_Passport',
  'x.passport',
  'X`Passport',
  'x~passport',
  'X-Passport-Signature',
  'x_passport_signature',
  'X-Proxy-State',
  'X_PROXY_STATE',
  'x|proxy|state',
  "x'proxy!state",
]

// The name that a service which folds names (CGI, WSGI, Rack) would make of it.
const folded = (name: string): string => name.toUpperCase().replace(/[^A-Z0-9]/g, '_')

const setUp = async (t: Parameters<typeof startGateway>[0]) => {
  const service = await startRawService(t, (connection) => {
    const { received, socket } = connection
    if (received.includes('\r\n\r\n') && !/chunked[^]*(?<!0\r\n\r\n)$/.test(received))
      socket.end(OK_EMPTY)
  })
  return { service, ...(await startGateway(t, { upstream: service.url })) }
}

t.test(
  'no spelling of a reserved name reaches the service, by whatever path it comes',
  async (t) => {
    const { service, port } = await setUp(t)
    for (const name of SPELLINGS) {
      const forged = `${name}: ${FORGED}`
      const paths: Array<[string, string[], RegExp]> = [
        [
          'proxied',
          ['GET /v1/proxy/a HTTP/1.1', AUTHORIZATION, forged, '', ''],
          /^HTTP\/1\.1 200 /,
        ],
        [
          'proxied, twice',
          ['GET /v1/proxy/a HTTP/1.1', forged, AUTHORIZATION, forged, '', ''],
          / 200 /,
        ],
        ['OPTIONS', ['OPTIONS /v1/proxy/a HTTP/1.1', AUTHORIZATION, forged, '', ''], / 200 /],
        [
          'upgrade',
          [
            'GET /v1/proxy/a HTTP/1.1',
            AUTHORIZATION,
            forged,
            'Connection: Upgrade',
            'Upgrade: websocket',
            '',
            '',
          ],
          / 200 /,
        ],
        [
          'nominated',
          ['GET /v1/proxy/a HTTP/1.1', AUTHORIZATION, forged, `Connection: ${name}`, '', ''],
          / 200 /,
        ],
        [
          'trailers',
          [
            'POST /v1/proxy/a HTTP/1.1',
            AUTHORIZATION,
            `Trailer: ${name}`,
            'Transfer-Encoding: chunked',
            '',
            '1',
            'x',
            '0',
            forged,
            '',
            '',
          ],
          / 200 /,
        ],
        ['refused', ['GET /v1/proxy/a HTTP/1.1', forged, '', ''], / 401 /],
        ['unknown route', ['GET /v1/other HTTP/1.1', AUTHORIZATION, forged, '', ''], / 404 /],
      ]
      for (const [what, [line = '', ...lines], status] of paths) {
        const client = connectRaw(t, port)
        client.send(line, 'Host: a', ...lines)
        const answer = await client.until(status)
        t.notMatch(answer, new RegExp(FORGED), `${name}, ${what}: nor comes back`)
      }
    }
    t.equal(service.connections.length, 6 * SPELLINGS.length)
    for (const { received } of service.connections) {
      t.notMatch(received, new RegExp(FORGED))
      const names = received.split('\r\n').map((line) => folded(line.split(':')[0] as string))
      t.equal(names.filter((name) => name === 'X_PASSPORT').length, 1, 'ours is the only one')
      t.equal(names.filter((name) => name === 'X_PROXY_STATE').length, 1)
      t.equal(names.filter((name) => name.startsWith('X_PASSPORT_')).length, 0)
    }
  },
)

t.test('a client cannot remove an injected field by naming it in Connection', async (t) => {
  const { service, port } = await setUp(t)
  const client = connectRaw(t, port)
  const names = 'X-Passport, x_proxy_state, X-Forwarded-For, Content-Type, Via, X-Secret'
  client.send(
    'GET /v1/proxy/a HTTP/1.1',
    'Host: a',
    AUTHORIZATION,
    `Connection: close, ${names}`,
    'Content-Type: text/plain',
    'X-Secret: for the gateway alone',
    '',
    '',
  )
  await client.until(/ 200 /)
  const received = service.connections[0]?.received ?? ''
  for (const name of ['X-Passport', 'X-Proxy-State', 'X-Forwarded-For', 'Content-Type', 'Via'])
    t.match(received, new RegExp(`\r\n${name}: `), name)
  t.notMatch(received, /X-Secret/, 'what may be nominated is removed')
})

t.test('a service cannot send a passport to the client', async (t) => {
  const service = await startRawService(t, ({ socket }) => {
    const forged = [
      'X-Passport',
      'x_passport',
      'X-Passport-Signature',
      'X-Proxy-State',
      'X-Request-Id',
    ]
    const lines = forged.map((name) => `${name}: of the service`)
    socket.end(['HTTP/1.1 200 OK', ...lines, 'Content-Length: 0', '', ''].join('\r\n'))
  })
  const { port } = await startGateway(t, { upstream: service.url })
  const client = connectRaw(t, port)
  client.send('GET /v1/proxy/a HTTP/1.1', 'Host: a', AUTHORIZATION, '', '')
  const answer = await client.until(/\r\n\r\n/)
  t.notMatch(answer, /of the service|passport:/i)
  t.match(answer, /\r\nX-Proxy-State: ZnJlZTpJTjphbmRyb2lk\r\n/)
})

t.test('a Passport that a client sends is not believed when the token is bad', async (t) => {
  const { service, port } = await setUp(t)
  const rows = [
    'Authorization: Bearer not.a.token',
    'Authorization: Basic YWRhOnNlY3JldA==',
    'Authorization: Bearer',
    `${AUTHORIZATION}\r\n${AUTHORIZATION}`,
    AUTHORIZATION.replace('Bearer ', 'Bearer  '),
    AUTHORIZATION.replace('Bearer ', 'Bearer\t'),
    AUTHORIZATION.replace('Bearer ', 'Bearer \xa0'),
    `Authorization: Bearer ${'x'.repeat(9_000)}`,
    `authorization_: ${bearer().Authorization}`,
    `Proxy-Authorization: ${bearer().Authorization}`,
    `Cookie: token=${bearer().Authorization}`,
  ]
  for (const line of rows) {
    const client = connectRaw(t, port)
    client.send('GET /v1/proxy/a HTTP/1.1', 'Host: a', line, `X-Passport: ${FORGED}`, '', '')
    t.ok(
      await client.until(/^HTTP\/1\.1 401 [^]*\r\nWWW-Authenticate: Bearer realm="/),
      line.slice(0, 60),
    )
  }
  t.same(service.connections, [])
})
