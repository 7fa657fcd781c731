// However a request ends, its places are those of others again.
import t, { type Test } from 'tap'
import { startGateway } from '../support/gateways.js'
import type { ManualClock } from '../support/manual-clock.js'
import { connectRaw, exchangeRaw, type RawClient } from '../support/raw-client.js'
import { AUTHORIZATION, startBroken, SWITCH } from '../support/raw-requests.js'
import { OK_EMPTY, startRawService, type RawService } from '../support/services.js'
import { until } from '../support/until.js'

const ONE_PLACE = { userRequests: 1, userWaiting: 0, targetConnections: 1, targetWaiting: 0 }
const HALF = 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf'

/** A service that does what the path says. */
const startObedient = (t: Test): Promise<RawService> =>
  startRawService(t, ({ socket, received }) => {
    const path = [...received.matchAll(/(?:GET|PUT) (\/\w+) HTTP/g)].at(-1)?.[1]
    if (path === '/ok') socket.write(OK_EMPTY)
    if (path === '/stop') socket.write(HALF)
    if (path === '/break') socket.end(HALF)
    if (path === '/reset') socket.resetAndDestroy()
    if (path === '/unread') socket.pause()
    if (path === '/refuse') socket.end('HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n')
    if (path === '/talk') socket.write(SWITCH)
  })

const request = (method: string, path: string, ...fields: string[]): string[] => [
  `${method} /v1/proxy${path} HTTP/1.1`,
  'Host: a',
  AUTHORIZATION,
  ...fields,
  '',
  '',
]
const get = (path: string): string[] => request('GET', path, 'Connection: close')
const put = (path: string, bytes: number): string[] =>
  request('PUT', path, `Content-Length: ${bytes}`)
const upgrade = (path: string): string[] =>
  request('GET', path, 'Connection: Upgrade', 'Upgrade: talk')

interface Scene {
  client: RawClient
  service: RawService
  clock: ManualClock
}

const arrival = ({ service }: Scene, what: RegExp): Promise<void> =>
  until(`${what}`, () => service.connections.some(({ received }) => what.test(received)))

const answer =
  (pattern: RegExp) =>
  async ({ client }: Scene): Promise<void> =>
    void (await client.until(pattern))

/** Time passes until the answer, or its end. */
const inTime =
  (pattern: RegExp) =>
  async ({ client, clock }: Scene): Promise<void> => {
    await until(`${pattern}`, () => {
      clock.advance(10_000)
      return pattern.test(client.received)
    })
  }

const closing = async ({ client, clock }: Scene): Promise<void> =>
  until('the connection is closed', () => {
    clock.advance(10_000)
    return client.isClosed
  })

const abort =
  (when: (scene: Scene) => Promise<unknown>) =>
  async (scene: Scene): Promise<void> => {
    await when(scene)
    scene.client.socket.resetAndDestroy()
  }

const MEGABYTES = 2 ** 20
const ROWS: ReadonlyArray<[string, string[], string | Buffer, (scene: Scene) => Promise<void>]> = [
  ['an answer', get('/ok'), '', answer(/ 200 /)],
  ['a client that leaves', get('/silent'), '', abort((scene) => arrival(scene, /silent/))],
  ['one that leaves an answer', get('/stop'), '', abort(({ client }) => client.until(/half$/))],
  ['one that leaves an upload', put('/put', 9), 'x', abort((scene) => arrival(scene, /put[^]*x$/))],
  ['a service that resets', get('/reset'), '', answer(/ 502 /)],
  ['one that breaks off', get('/break'), '', closing],
  ['one that is silent', get('/silent'), '', inTime(/ 504 /)],
  ['an answer that stops', get('/stop'), '', closing],
  ['an upload that stops', put('/silent', 9), 'x', inTime(/ 408 /)],
  ['one that never begins', put('/silent', 9), '', inTime(/ 408 /)],
  [
    'one that nobody reads',
    put('/unread', 20 * MEGABYTES),
    Buffer.alloc(20 * MEGABYTES),
    inTime(/ 504 /),
  ],
  ['one that is too large', put('/silent', 30 * MEGABYTES), '', answer(/ 413 /)],
  ['an upgrade that is refused', upgrade('/refuse'), '', answer(/ 403 /)],
  ['one that is not answered', upgrade('/silent'), '', inTime(/ 504 /)],
  ['a tunnel that is left', upgrade('/talk'), '', abort(({ client }) => client.until(/ 101 /))],
  ['one on which nothing moves', upgrade('/talk'), '', closing],
  [
    'one that the service ends',
    upgrade('/talk'),
    '',
    async ({ client, service }) => {
      await client.until(/ 101 /)
      for (const { socket } of service.connections) socket.destroy()
      await client.untilClosed()
    },
  ],
]

t.test('every end of a request gives its places back', async (t) => {
  const service = await startObedient(t)
  const { port, clock } = await startGateway(t, {
    upstream: undefined,
    routes: [{ path: '/', upstream: service.url, bodyBytes: 25 * MEGABYTES }],
    limits: ONE_PLACE,
  })
  for (const [what, lines, body, end] of ROWS) {
    const client = connectRaw(t, port)
    client.send(...lines)
    client.socket.write(body)
    await end({ client, service, clock })
    await until(`${what}: another has the place`, async () =>
      (await exchangeRaw(t, port, ...get('/ok'))).startsWith('HTTP/1.1 200 '),
    )
    client.socket.destroy()
  }
})

t.test('a request that goes on to another target gives the first one back', async (t) => {
  const [broken, service] = [await startBroken(t), await startObedient(t)]
  const { port } = await startGateway(t, {
    upstream: [broken.url, service.url],
    limits: ONE_PLACE,
    ejection: { failures: 100 },
  })
  for (let i = 0; broken.connections.length < 3; i++)
    t.match(await exchangeRaw(t, port, ...get('/ok')), /^HTTP\/1\.1 200 /, `request ${i}`)
})

t.test('closing the gateway ends those who wait, too', async (t) => {
  const service = await startObedient(t)
  const { port, clock, gateway, events } = await startGateway(t, {
    upstream: service.url,
    limits: { userRequests: 1, userWaiting: 1 },
  })
  const clients = [connectRaw(t, port), connectRaw(t, port), connectRaw(t, port)]
  for (const client of clients) client.send(...get('/silent'))
  await until('one is refused', () => clients.some(({ isClosed }) => isClosed))
  const closed = gateway.close()
  await until('they end', () => {
    clock.advance(1_000)
    return clients.every(({ isClosed }) => isClosed)
  })
  await closed
  t.match(
    events.find(({ event }) => event === 'closed'),
    { cutConnections: true },
  )
  t.equal(service.connections.length, 1)
})
