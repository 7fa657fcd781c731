import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { createGateway } from '../../lib/index.js'
import { bearer, NOWHERE, SECRET, startGateway } from '../support/gateways.js'
import { connectRaw } from '../support/raw-client.js'
import { startRawService, startService } from '../support/services.js'
import { until } from '../support/until.js'

const AUTHORIZATION = `Authorization: ${bearer().Authorization}`
const get = (path: string): string =>
  [`GET ${path} HTTP/1.1`, 'Host: a', AUTHORIZATION, '', ''].join('\r\n')

/** A service whose answers wait until they are told to come. */
const startHeldService = async (t: Parameters<typeof startService>[0]) => {
  let answer = (): void => {}
  const service = await startService(t, (_, response) => {
    answer = () => void response.end('done')
  })
  return { service, answer: () => answer() }
}

t.test(
  'close finishes what is in flight, cuts what is idle, and accepts nothing more',
  async (t) => {
    const { service, answer } = await startHeldService(t)
    const { gateway, port, events } = await startGateway(t, { upstream: service.url })
    const silent = connectRaw(t, port)
    const idle = connectRaw(t, port)
    idle.send(get('/healthz'))
    await idle.until(/"ok"/)
    const busy = connectRaw(t, port)
    busy.send(get('/v1/proxy/'))
    await until('the service is asked', () => service.requests.length === 1)
    const closed = gateway.close()
    t.equal(gateway.close(), closed, 'closing twice is waiting for the same')
    await silent.untilClosed()
    await idle.untilClosed()
    t.equal(busy.isClosed, false)
    await t.rejects(fetch(`http://127.0.0.1:${port}/healthz`))
    answer()
    t.match(await busy.untilClosed(), /^HTTP\/1\.1 200 [^]*\r\nConnection: close\r\n[^]*done/)
    await closed
    t.match(events.at(-1), { event: 'closed', cutConnections: false })
    await t.rejects(gateway.listen(0), { message: 'the gateway is closed' })
  },
)

t.test(
  'while it closes, a request on a kept connection is answered, and told that it was the last',
  async (t) => {
    const { service, answer } = await startHeldService(t)
    const { gateway, port } = await startGateway(t, { upstream: service.url })
    const client = connectRaw(t, port)
    client.send(get('/v1/proxy/') + get('/readyz'))
    await until('the service is asked', () => service.requests.length === 1)
    const closed = gateway.close()
    answer()
    const answers = await client.untilClosed()
    t.match(answers, /done/)
    t.notMatch(answers, /"ready"/, 'behind the last answer nothing is run')
    await closed
  },
)

t.test('readyz says 503 while it closes', async (t) => {
  const { service, answer } = await startHeldService(t)
  const { gateway, port } = await startGateway(t, { upstream: service.url })
  const own = createServer(gateway.handler).listen(0, '127.0.0.1')
  await once(own, 'listening')
  t.teardown(() => void own.close())
  const origin = `http://127.0.0.1:${(own.address() as AddressInfo).port}`
  t.match(await (await fetch(`${origin}/readyz`)).json(), {
    status: 'ready',
    checks: [{ name: 'accepting', ready: true }],
  })
  const busy = connectRaw(t, port)
  busy.send(get('/v1/proxy/'))
  await until('the service is asked', () => service.requests.length === 1)
  const closed = gateway.close()
  const response = await fetch(`${origin}/readyz`)
  t.equal(response.status, 503)
  t.match(await response.json(), { status: 'not_ready', checks: [{ ready: false }] })
  t.equal((await fetch(`${origin}/healthz`)).status, 200)
  answer()
  await closed
})

t.test('close waits also for what came in through a server of its user', async (t) => {
  const { service, answer } = await startHeldService(t)
  const { gateway } = await startGateway(t, { upstream: service.url })
  const own = createServer(gateway.handler).listen(0, '127.0.0.1')
  await once(own, 'listening')
  t.teardown(() => void own.close())
  const origin = `http://127.0.0.1:${(own.address() as AddressInfo).port}`
  const answered = fetch(`${origin}/v1/proxy/`, { headers: bearer() })
  await until('the service is asked', () => service.requests.length === 1)
  const closed = gateway.close()
  answer()
  t.equal(await (await answered).text(), 'done')
  await closed
})

t.test('what is still in flight after the grace period is cut', async (t) => {
  const { service } = await startHeldService(t)
  const { gateway, port, clock, events } = await startGateway(t, { upstream: service.url })
  const client = connectRaw(t, port)
  client.send(get('/v1/proxy/'))
  await until('the service is asked', () => service.requests.length === 1)
  const closed = gateway.close()
  clock.advance(9_999)
  t.equal(client.isClosed, false)
  clock.advance(1)
  await closed
  t.equal(await client.untilClosed(), '')
  t.match(
    events.find(({ event }) => event === 'closed'),
    { cutConnections: true },
  )
})

t.test('an HTTP/1.0 answer that is cut at the end does not look whole', async (t) => {
  const service = await startRawService(t, ({ socket }) => {
    socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n')
  })
  const { gateway, port, clock } = await startGateway(t, { upstream: service.url })
  const client = connectRaw(t, port)
  client.send(get('/v1/proxy/').replace('HTTP/1.1', 'HTTP/1.0'))
  await client.until(/half$/)
  const closed = gateway.close()
  clock.advance(10_000)
  await closed
  await until('it is reset', () => client.isReset)
  t.pass()
})

t.test('a gateway that is closed while it begins to listen does not listen', async (t) => {
  const { gateway } = await startGateway(t)
  const own = createGateway({ jwtSecret: SECRET, upstream: NOWHERE })
  const listening = own.listen(0, 'localhost')
  const rejected = t.rejects(listening, { message: 'the gateway is closed' })
  await own.close()
  await rejected
  await gateway.close()
})

t.test('an answer that is written but not yet flushed is not cut', async (t) => {
  const size = 16_000_000
  const service = await startRawService(t, ({ socket }) => {
    socket.end(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n${'x'.repeat(size)}`)
  })
  for (let tries = 0; tries < 5; tries++) {
    const { gateway, port } = await startGateway(t, { upstream: service.url })
    const client = connectRaw(t, port)
    client.socket.pause()
    client.send(get('/v1/proxy/'))
    await until('the service has answered', () => service.connections.length === tries + 1)
    const closed = gateway.close()
    client.socket.resume()
    const received = await client.untilClosed()
    t.equal(received.split('\r\n\r\n')[1]?.length, size)
    await closed
  }
})

t.test(
  'where another takes its place, who keeps a connection is told, and not cut off',
  async (t) => {
    const { gateway, port, clock } = await startGateway(t)
    const [asking, idle] = [connectRaw(t, port), connectRaw(t, port)]
    for (const client of [asking, idle]) {
      client.send(get('/healthz'))
      await client.until(/"ok"/)
    }
    const closed = gateway.close({ idleMs: 2_000 })
    await t.rejects(fetch(`http://127.0.0.1:${port}/healthz`), 'nobody new is taken in')
    t.equal(asking.isClosed, false)
    asking.send(get('/healthz'))
    t.match(await asking.untilClosed(), /^HTTP\/1\.1 200 [^]*\r\nConnection: close\r\n/)
    t.equal(idle.isClosed, false)
    await until('it is over', () => {
      if (!idle.isClosed) clock.advance(1_000)
      return idle.isClosed
    })
    await closed
  },
)
