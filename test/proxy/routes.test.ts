import t, { type Test } from 'tap'
import { bearer, startGateway } from '../support/gateways.js'
import { passportIn } from '../support/passports.js'
import { connectRaw, exchangeRaw } from '../support/raw-client.js'
import { startHttpService, startRawService, startService } from '../support/services.js'
import { until } from '../support/until.js'

/** A service that says its name and what it was asked for. */
const startNamed = (t: Test, name: string) =>
  startService(t, ({ url }, response) => void response.end(`${name} ${url}`))

t.test('the longest path wins, whole segments only, byte for byte', async (t) => {
  const [root, orders, bulk] = await Promise.all([
    startNamed(t, 'root'),
    startNamed(t, 'orders'),
    startNamed(t, 'bulk'),
  ])
  const { origin } = await startGateway(t, {
    upstream: root.url,
    routes: [
      { path: '/orders', upstream: orders.url },
      { path: '/orders/bulk', upstream: `${bulk.url}/v2/`, keepPrefix: false },
    ],
  })
  const rows: Array<[string, string]> = [
    ['/', 'root /'],
    ['/orders', 'orders /orders'],
    ['/orders?a=/orders/bulk', 'orders /orders?a=/orders/bulk'],
    ['/orders/', 'orders /orders/'],
    ['/orders/7', 'orders /orders/7'],
    ['/orders/bulk', 'bulk /v2/'],
    ['/orders/bulk?a=1', 'bulk /v2/?a=1'],
    ['/orders/bulk/', 'bulk /v2/'],
    ['/orders/bulk/7?a=1', 'bulk /v2/7?a=1'],
    ['/orders/bulky', 'orders /orders/bulky'],
    ['/ordersX', 'root /ordersX'],
    ['/Items/%7e;a//b', 'root /Items/%7e;a//b'],
  ]
  for (const [path, expected] of rows) {
    const response = await fetch(`${origin}/v1/proxy${path}`, { headers: bearer() })
    t.equal(await response.text(), expected, path)
  }
})

t.test('no spelling of a path walks round the rules of its route', async (t) => {
  const service = await startService(t)
  const { origin } = await startGateway(t, {
    upstream: undefined,
    routes: [
      { path: '/o', upstream: service.url, auth: 'optional' },
      { path: '/o/admin', upstream: service.url },
      { path: '/o/a$b', upstream: service.url },
    ],
  })
  const ask = async (path: string): Promise<number> =>
    (await fetch(`${origin}/v1/proxy${path}`)).status
  for (const path of ['/o/admin', '/o/admin/', '/o/admin?x', '/o/admin/x', '/o/a$b'])
    t.equal(await ask(path), 401, path)
  for (const path of [
    '/o/%61dmin',
    '/o//admin',
    '//o/admin',
    '/o/admin;x',
    '/o;x/admin',
    '/o/ADMIN',
    '/O/admin',
    '/o/admin%3bx/y',
    '/o/%41dmin/x',
    '/o/a%24b',
    '/o/%2561dmin',
    '/o/admin.',
    '/o/admin%20/x',
    `/o/%${'25'.repeat(10)}61dmin`,
  ])
    t.ok([400, 404].includes(await ask(path)), path)
  t.equal(service.requests.length, 0)
  for (const path of ['/o/administer', '/o/Other', '/o/%7euser', '/o/x;admin', '/o/a//b'])
    t.equal(await ask(path), 200, path)
})

t.test('without a service for the rest, the rest is not found', async (t) => {
  const service = await startNamed(t, 'one')
  const { origin, lastRequest } = await startGateway(t, {
    upstream: undefined,
    routes: [{ path: '/one', upstream: service.url }],
  })
  const status = async (path: string): Promise<number> =>
    (await fetch(`${origin}/v1/proxy${path}`, { headers: bearer() })).status
  t.equal(await status('/one/a'), 200)
  await until('it is logged', () => lastRequest()?.route === '/v1/proxy/one/*')
  t.equal(await status('/one'), 200)
  await until('it is logged', () => lastRequest()?.route === '/v1/proxy/one')
  t.equal(await status('/two'), 404)
})

t.test('a route has its methods, and HEAD with GET', async (t) => {
  const service = await startService(t)
  const { origin } = await startGateway(t, {
    routes: [{ path: '/a', upstream: service.url, methods: ['GET', 'PUT'] }],
  })
  const ask = (method: string): Promise<Response> =>
    fetch(`${origin}/v1/proxy/a`, { method, headers: bearer() })
  for (const method of ['GET', 'HEAD', 'PUT']) t.equal((await ask(method)).status, 200, method)
  const refused = await ask('POST')
  t.equal(refused.status, 405)
  t.equal(refused.headers.get('Allow'), 'GET, HEAD, PUT')
  t.same(
    service.requests.map(({ method }) => method),
    ['GET', 'HEAD', 'PUT'],
  )
})

t.test(
  'where a token is optional, its absence is a passport too, and a bad one is not',
  async (t) => {
    const service = await startService(t)
    const { origin } = await startGateway(t, {
      routes: [{ path: '/open', upstream: service.url, auth: 'optional' }],
    })
    const ask = async (headers: Record<string, string>): Promise<[number, string | null]> => {
      const response = await fetch(`${origin}/v1/proxy/open`, { headers })
      return [response.status, response.headers.get('X-Proxy-State')]
    }
    t.same(await ask({ 'X-Passport': 'forged', 'X-Proxy-State': 'forged' }), [
      200,
      'YW5vbnltb3VzOlpaOnVua25vd24=', // anonymous:ZZ:unknown
    ])
    const [anonymous] = service.requests
    const passport = passportIn(anonymous?.headers)
    t.same(passport, {
      user_id: null,
      email: null,
      subscription: null,
      country: null,
      platform: null,
      token_status: 'anonymous',
      issued_at: 1_900_000_000,
    })
    t.same(await ask(bearer()), [200, 'ZnJlZTpJTjphbmRyb2lk'])
    t.equal(passportIn(service.requests[1]?.headers)?.user_id, 'user_ada')
    t.same(await ask(bearer('x.y.z')), [401, null])
    t.same(await ask({ Authorization: 'Basic YTpi' }), [200, 'YW5vbnltb3VzOlpaOnVua25vd24='])
    t.equal(service.requests[2]?.headers.authorization, undefined)
    const two = await exchangeRaw(
      t,
      Number(new URL(origin).port),
      'GET /v1/proxy/open HTTP/1.1',
      'Host: a',
      `Authorization: ${bearer().Authorization}`,
      `Authorization: ${bearer().Authorization}`,
      'Connection: close',
      '',
      '',
    )
    t.match(two, /^HTTP\/1\.1 401 /)
    t.equal(service.requests.length, 3)
  },
)

t.test('a route decides whether Authorization is passed on', async (t) => {
  const service = await startService(t)
  const { origin } = await startGateway(t, {
    upstream: service.url,
    passAuthorization: true,
    routes: [{ path: '/without', upstream: service.url, passAuthorization: false }],
  })
  await fetch(`${origin}/v1/proxy/with`, { headers: bearer() })
  await fetch(`${origin}/v1/proxy/without`, { headers: bearer() })
  t.same(
    service.requests.map(({ headers }) => headers.authorization !== undefined),
    [true, false],
  )
})

t.test('a body larger than the route takes is refused, whole or as it comes', async (t) => {
  let ended = 0
  const service = await startHttpService(t, (request) => {
    request.on('error', () => {}).on('end', () => ended++)
    request.resume()
  })
  const { port, clock } = await startGateway(t, {
    routes: [{ path: '/a', upstream: service.url, bodyBytes: 10 }],
  })
  const post = ['POST /v1/proxy/a HTTP/1.1', 'Host: a', `Authorization: ${bearer().Authorization}`]
  const announced = connectRaw(t, port)
  announced.send(...post, 'Content-Length: 11', '', '')
  t.match(await announced.until(/"code":"body_too_large"/), /^HTTP\/1\.1 413 /)
  t.equal(service.connectionCount, 0, 'the service is not even asked')
  const chunked = connectRaw(t, port)
  chunked.send(...post, 'Transfer-Encoding: chunked', '', 'a', '0123456789', '')
  await until('it begins', () => service.connectionCount === 1)
  chunked.send('1', 'x', '')
  t.match(await chunked.until(/"code":"body_too_large"/), /^HTTP\/1\.1 413 /)
  clock.advance(1_000)
  await chunked.untilClosed()
  t.equal(ended, 0, 'half a body never looks whole')
  const fitting = connectRaw(t, port)
  fitting.send(...post, 'Content-Length: 10', '', '0123456789')
  await until('it is whole', () => ended === 1)
})

t.test('a route has its own times', async (t) => {
  const service = await startRawService(t, () => {})
  const { origin, clock } = await startGateway(t, {
    upstream: service.url,
    routes: [{ path: '/quick', upstream: service.url, timeouts: { responseHeadersMs: 1_000 } }],
  })
  const ask = (path: string): Promise<number> =>
    fetch(`${origin}/v1/proxy${path}`, { headers: bearer() }).then(({ status }) => status)
  const slow = ask('/slow')
  const quick = ask('/quick')
  await until('both arrive', () => service.connections.length === 2)
  await until('both are whole', () =>
    service.connections.every(({ received }) => received.includes('\r\n\r\n')),
  )
  clock.advance(1_000)
  t.equal(await quick, 504)
  clock.advance(29_000)
  t.equal(await slow, 504)
})
