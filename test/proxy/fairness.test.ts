// What one user, or one service that hangs, can take from others.
import t, { type Test } from 'tap'
import type { GatewayOptions } from '../../lib/index.js'
import { createRoutePlaces } from '../../lib/proxy/route-places.js'
import { bearer, mint, startGateway } from '../support/gateways.js'
import { connectRaw, type RawClient } from '../support/raw-client.js'
import { startHttpService, startService } from '../support/services.js'
import { until } from '../support/until.js'

type Limits = NonNullable<GatewayOptions['limits']>

/** A service that answers when the test says so, behind a gateway with a second route beside it. */
const startHanging = async (t: Test, limits: Limits, options: Partial<GatewayOptions> = {}) => {
  const asked: string[] = []
  const answers: Array<() => void> = []
  const hanging = await startHttpService(t, ({ url = '' }, response) => {
    asked.push(url)
    answers.push(() => void response.end())
  })
  const other = await startService(t)
  const gateway = await startGateway(t, {
    upstream: hanging.url,
    routes: [{ path: '/other', upstream: other.url }],
    limits,
    ...options,
  })
  const ask = (user: string, path: string, ...fields: string[]): RawClient => {
    const client = connectRaw(t, gateway.port)
    const token = user === '' ? [] : [`Authorization: ${bearer(mint({ sub: user })).Authorization}`]
    const lines = ['Host: a', 'Connection: close', ...token, ...fields]
    client.send(`GET /v1/proxy${path} HTTP/1.1`, ...lines, '', '')
    return client
  }
  return { ...gateway, ask, asked, answers, hanging }
}

type Hanging = Awaited<ReturnType<typeof startHanging>>

const askInTurn = async (
  { ask, asked }: Hanging,
  requests: ReadonlyArray<[user: string, path: string]>,
): Promise<RawClient[]> => {
  const clients: RawClient[] = []
  for (const [user, path] of requests) {
    clients.push(ask(user, path))
    await until(`${path} arrives`, () => asked.includes(path))
  }
  return clients
}

const OWN_EXCESS = /^HTTP\/1\.1 503 [^]*\r\nRetry-After: 1\r\n[^]*"code":"too_many_in_flight"/
const OVERLOADED = /^HTTP\/1\.1 503 [^]*\r\nRetry-After: 1\r\n[^]*"code":"overloaded"/

t.test('one user has so many places, and a bounded, timed queue for them', async (t) => {
  const scene = await startHanging(t, { userRequests: 2, userWaiting: 1 })
  const { ask, asked, answers, clock, lastRequest } = scene
  const [first] = await askInTurn(scene, [
    ['ada', '/1'],
    ['ada', '/2'],
  ])
  const more = [ask('ada', '/3'), ask('ada', '/3')]
  await until('one is refused', () => more.some(({ isClosed }) => isClosed))
  t.match(more.find(({ isClosed }) => isClosed)?.received, OWN_EXCESS)
  t.match(lastRequest(), { status: 503, userId: 'ada', reason: 'user_queue_full' })
  await askInTurn(scene, [['bob', '/bob']])
  t.match(await ask('ada', '/other').untilClosed(), /^HTTP\/1\.1 200 /, 'each route has its own')
  t.same(asked, ['/1', '/2', '/bob'])
  answers[0]?.()
  t.match(await first?.untilClosed(), /^HTTP\/1\.1 200 /)
  await until('the next has its turn', () => asked.includes('/3'))
  const late = ask('ada', '/4')
  await until('it has waited long enough', () => {
    clock.advance(100)
    return late.isClosed
  })
  t.match(late.received, OWN_EXCESS)
  t.match(lastRequest(), { status: 503, reason: 'user_queue_late' })
})

t.test('one who waits and goes away makes room', async (t) => {
  const scene = await startHanging(t, { userRequests: 1, userWaiting: 1 })
  const { ask, asked, answers, events, lastRequest } = scene
  await askInTurn(scene, [['ada', '/1']])
  const [second, third] = [ask('ada', '/2'), ask('ada', '/2')]
  await until('one is refused', () => second.isClosed || third.isClosed)
  const waiting = second.isClosed ? third : second
  waiting.socket.destroy()
  await until('it is logged', () => lastRequest()?.aborted === true)
  const fourth = ask('ada', '/4')
  answers[0]?.()
  await until('the fourth has its turn', () => asked.includes('/4'))
  answers.at(-1)?.()
  t.match(await fourth.untilClosed(), /^HTTP\/1\.1 200 /)
  t.same(asked, ['/1', '/4'])
  t.notOk(events.some(({ event }) => event === 'upstream_failed'))
})

t.test('by default the share of a user follows that of the target and of the route', async (t) => {
  for (const [limits, most, asks] of [
    [{ targetConnections: 1 }, 1, 3],
    [{ targetConnections: 8 }, 2, 4],
    [{ routeRequests: 12 }, 3, 5],
    [{ connections: 16 }, 3, 5],
    [{}, 200, 202],
    [{ userRequests: 5, targetConnections: 5 }, 5, 7],
  ] as const) {
    const { ask, asked } = await startHanging(t, { ...limits, userWaiting: 0 })
    const clients = Array.from({ length: asks }, () => ask('ada', '/'))
    await until('each is here or there', () => {
      const refused = clients.filter(({ isClosed }) => isClosed).length
      return refused + asked.length === asks
    })
    t.equal(asked.length, most, JSON.stringify(limits))
    for (const { socket } of clients) socket.destroy()
  }
})

t.test('a service that hangs keeps only its share of what other routes need', async (t) => {
  for (const limits of [{ routeRequests: 3, userRequests: 1 }, { connections: 4 }]) {
    const scene = await startHanging(t, limits)
    const { ask, asked, lastRequest } = scene
    const [ada] = await askInTurn(scene, [
      ['ada', '/1'],
      ['bob', '/2'],
      ['cyd', '/3'],
    ])
    t.match(await ask('dan', '/4').untilClosed(), OVERLOADED)
    t.match(lastRequest(), { status: 503, userId: 'dan', reason: 'route_full' })
    t.match(await ask('dan', '/other').untilClosed(), /^HTTP\/1\.1 200 /)
    ada?.socket.destroy()
    await until('it is logged', () => lastRequest()?.aborted === true)
    await askInTurn(scene, [['dan', '/5']])
    t.same(asked, ['/1', '/2', '/3', '/5'])
  }
})

t.test('what waits counts for the route too', async (t) => {
  const scene = await startHanging(t, { routeRequests: 2, userRequests: 1 })
  await askInTurn(scene, [['ada', '/1']])
  const more = [scene.ask('ada', '/2'), scene.ask('ada', '/2')]
  await until('one is refused', () => more.some(({ isClosed }) => isClosed))
  t.match(await scene.ask('bob', '/3').untilClosed(), OVERLOADED)
  t.match(more.find(({ isClosed }) => isClosed)?.received, OVERLOADED)
})

t.test('in the queue of a target users have their turns one after another', async (t) => {
  const scene = await startHanging(t, { targetConnections: 1, targetWaiting: 3, userRequests: 9 })
  const { ask, asked, answers, lastRequest } = scene
  await askInTurn(scene, [['ada', '/ada']])
  const crowd = Array.from({ length: 4 }, () => ask('ada', '/ada'))
  await until('the queue is full', () => crowd.some(({ isClosed }) => isClosed))
  const bob = ask('bob', '/bob')
  await until('it makes way', () => crowd.filter(({ isClosed }) => isClosed).length === 2)
  t.match(lastRequest(), { status: 503, userId: 'ada', reason: 'target_queue_full' })
  for (const { received } of crowd.filter(({ isClosed }) => isClosed)) t.match(received, OVERLOADED)
  const eve = ask('eve', '/eve')
  t.match(await ask('ada', '/ada').untilClosed(), OVERLOADED, 'who has most gets no more')
  for (let i = 0; i < 4; i++) {
    answers[i]?.()
    if (i < 3) await until('the next has its turn', () => asked.length === i + 2)
  }
  t.same(asked, ['/ada', '/ada', '/bob', '/eve'])
  for (const client of [bob, eve]) t.match(await client.untilClosed(), /^HTTP\/1\.1 200 /)
})

t.test('without a token it is the network that shares: of IPv6 one of 64 bits', async (t) => {
  const service = await startHttpService(t, ({ headers }, response) => {
    if (headers['x-hang'] === undefined) response.end()
  })
  const { ask } = await startHanging(
    t,
    { userRequests: 1, userWaiting: 0 },
    {
      routes: [{ path: '/open', upstream: service.url, auth: 'optional' }],
      trustProxy: ['127.0.0.1'],
    },
  )
  const from = (address: string, ...fields: string[]): RawClient =>
    ask('', '/open', `X-Forwarded-For: ${address}`, ...fields)
  from('2001:db8::1', 'X-Hang: 1')
  from('192.0.2.1', 'X-Hang: 1')
  await until('both hang', () => service.connectionCount === 2)
  for (const [address, answer] of [
    ['2001:db8::2', OWN_EXCESS],
    ['2001:db8:0:1::1', /^HTTP\/1\.1 200 /],
    ['192.0.2.1', OWN_EXCESS],
    ['192.0.2.2', /^HTTP\/1\.1 200 /],
  ] as const)
    t.match(await from(address).untilClosed(), answer, address)
  const user = ask('192.0.2.1', '/open', 'X-Forwarded-For: 192.0.2.1')
  t.match(await user.untilClosed(), /^HTTP\/1\.1 200 /, 'a user is no network, whatever his name')
})

t.test('who has nothing in flight is forgotten', (t) => {
  const places = createRoutePlaces({ limitRequests: 9, limitUserRequests: 2, limitUserWaiting: 1 })
  const inFlight = Array.from({ length: 1_000 }, (_, i) => places.of(`user ${i}`))
  for (const slots of [...inFlight, ...inFlight]) slots.take()
  t.equal(places.userCount, 1_000)
  t.equal(places.of('user 7'), inFlight[7])
  for (const slots of inFlight) slots.release()
  t.equal(places.userCount, 1_000, 'one of two is over')
  for (const slots of inFlight) slots.release()
  t.equal(places.userCount, 0)
  t.end()
})
