import t, { type Test } from 'tap'
import { readPassport } from '../../lib/passport/reader.js'
import { createRouter } from '../../lib/http/router.js'
import { createGateway } from '../../lib/index.js'
import { bearer, SECRET, startGateway } from '../support/gateways.js'
import { freePort } from '../support/port.js'
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
    ['/Orders', 'root /Orders'],
    ['/%6frders', 'root /%6frders'],
    ['//orders', 'root //orders'],
  ]
  for (const [path, expected] of rows) {
    const response = await fetch(`${origin}/v1/proxy${path}`, { headers: bearer() })
    t.equal(await response.text(), expected, path)
  }
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
    const passport = readPassport(anonymous?.headers['x-passport'])
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
    t.equal(readPassport(service.requests[1]?.headers['x-passport'])?.user_id, 'user_ada')
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

t.test('a thousand routes are found as fast as one, and a path of slashes costs nothing', (t) => {
  const handler = (): void => {}
  const many = createRouter(
    Array.from({ length: 1_000 }, (_, i) => ({ pattern: `/r${i}/x/*`, methods: handler })),
  )
  t.match(many('GET', '/r999/x/y'), { pattern: '/r999/x/*' })
  t.equal(many('GET', '/r1000/x/y'), undefined)
  t.equal(many('GET', '/r1/xx/y'), undefined)
  t.equal(many('GET', '/'.repeat(16_000)), undefined)
  const found = createRouter([
    { pattern: '/a/*', methods: handler },
    { pattern: '/a/b/*', methods: handler },
    { pattern: '/a/b', methods: handler },
  ])
  t.match(found('GET', '/a/b/c'), { pattern: '/a/b/*' })
  t.match(found('GET', '/a/b'), { pattern: '/a/b' })
  t.match(found('GET', '/a/c/b/'), { pattern: '/a/*' })
  t.equal(found('GET', '/a'), undefined)
  t.end()
})

t.test('a request that has been here before is a loop', async (t) => {
  const service = await startService(t)
  const { origin, port } = await startGateway(t, { upstream: service.url })
  await fetch(`${origin}/v1/proxy/a`, { headers: bearer() })
  const via = service.requests[0]?.headers.via ?? ''
  t.match(via, /^1\.1 passport-gateway-[0-9a-f]{8}$/)
  const again = await fetch(`${origin}/v1/proxy/a`, {
    headers: { ...bearer(), Via: `1.0 other, ${via.replace('1.1', 'HTTP/1.0')}, 1.1 third` },
  })
  t.equal(again.status, 508)
  t.match(await again.json(), { code: 'loop_detected' })
  const other = await fetch(`${origin}/v1/proxy/a`, {
    headers: { ...bearer(), Via: '1.1 passport-gateway-00000000, 1.1 passport-gateway' },
  })
  t.equal(other.status, 200, 'another gateway of the same kind is none')
  t.equal(service.requests.length, 2)
  const old = await exchangeRaw(
    t,
    port,
    'GET /v1/proxy/a HTTP/1.0',
    `Authorization: ${bearer().Authorization}`,
    '',
    '',
  )
  t.match(old, /^HTTP\/1\.1 200 /)
  t.match(service.requests[2]?.headers.via, /^1\.0 passport-gateway-/)
})

t.test('gateways in a circle answer at the second round, and two in a row are none', async (t) => {
  const port = await freePort()
  const options = { passAuthorization: true }
  const first = await startGateway(t, { ...options, upstream: `http://127.0.0.1:${port}/v1/proxy` })
  const second = createGateway(
    { ...options, jwtSecret: SECRET, upstream: `${first.origin}/v1/proxy` },
    { clock: first.clock },
  )
  t.teardown(() => second.close())
  await second.listen(port)
  const looped = await fetch(`${first.origin}/v1/proxy/a`, { headers: bearer() })
  t.equal(looped.status, 508)
  t.match(await looped.json(), { code: 'loop_detected' })
  const row = await startGateway(t, { ...options, upstream: (await startInFront(t)).url })
  t.equal((await fetch(`${row.origin}/v1/proxy/a`, { headers: bearer() })).status, 200)
})

/** A gateway in front of a service, as a service. */
const startInFront = async (t: Test): Promise<{ url: string }> => {
  const { origin } = await startGateway(t, { upstream: (await startService(t)).url })
  return { url: `${origin}/v1/proxy` }
}
