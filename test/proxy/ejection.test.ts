// Targets that fail in a row, and targets that are full.
import t, { type Test } from 'tap'
import { bearer, startGateway } from '../support/gateways.js'
import { connectRaw } from '../support/raw-client.js'
import {
  OK_EMPTY,
  startHttpService,
  startRawService,
  startService,
  type RawService,
} from '../support/services.js'
import { AUTHORIZATION, sendRaw, startBroken } from '../support/raw-requests.js'
import { until } from '../support/until.js'

t.test('a target that fails in a row is left out, and gets another chance', async (t) => {
  let isBroken = true
  const flaky = await startService(t, (_, response) => {
    response.writeHead(isBroken ? 503 : 200).end(isBroken ? 'no' : 'yes')
  })
  const good = await startService(t, (_, response) => void response.end('yes'))
  const { origin, clock, events } = await startGateway(t, {
    upstream: [flaky.url, good.url],
    ejection: { failures: 3, baseMs: 1_000 },
  })
  const ask = async (): Promise<number> =>
    (await fetch(`${origin}/v1/proxy/`, { headers: bearer() })).status
  const ejections = (): unknown[] => events.filter(({ event }) => event === 'target_ejected')
  while (ejections().length === 0) await ask()
  t.equal(flaky.requests.length, 3)
  t.same(ejections(), [{ event: 'target_ejected', target: flaky.url, forMs: 1_000 }])
  for (let i = 0; i < 30; i++) t.equal(await ask(), 200)
  t.equal(flaky.requests.length, 3)
  clock.advance(1_000)
  while (ejections().length === 1) await ask()
  t.equal(flaky.requests.length, 4, 'one more failure, and it is out again')
  t.match(ejections()[1], { forMs: 2_000 })
  isBroken = false
  clock.advance(2_000)
  while (flaky.requests.length < 14) t.equal(await ask(), 200)
  t.equal(ejections().length, 2, 'and in for good')
})

t.test(
  'after an outage of all, those that are back are found though another is still gone',
  async (t) => {
    const state = new Map<string, boolean>()
    const services = await Promise.all(
      ['a', 'b', 'c'].map((name) =>
        startService(t, (_, response) => {
          if (state.get(name)) response.end('ok')
          else response.destroy()
        }),
      ),
    )
    const { origin } = await startGateway(t, {
      upstream: services.map(({ url }) => url),
      ejection: { failures: 2, baseMs: 1_000_000, longestMs: 1_000_000 },
      retries: { budgetPercent: 0 },
    })
    const ask = async (): Promise<number> =>
      (await fetch(`${origin}/v1/proxy/`, { method: 'POST', headers: bearer() })).status
    for (let i = 0; i < 30; i++) t.equal(await ask(), 502)
    state.set('a', true).set('b', true)
    await until('one of them is found', async () => (await ask()) === 200)
    for (let i = 0; i < 30; i++) t.equal(await ask(), 200)
  },
)

t.test('one that is back from its time out is tried with one request at a time', async (t) => {
  let isBroken = true
  const flaky = await startHeld(t, () => isBroken)
  const good = await startHeld(t)
  const { origin, clock, events } = await startGateway(t, {
    upstream: [{ url: flaky.url, weight: 1000 }, good.url],
    ejection: { failures: 1, baseMs: 1_000 },
  })
  const asked: Array<Promise<number>> = []
  const ask = async (): Promise<void> => {
    const before = flaky.held.length + good.held.length
    asked.push(fetch(`${origin}/v1/proxy/`, { headers: bearer() }).then(({ status }) => status))
    await until('it is held', () => flaky.held.length + good.held.length > before)
  }
  while (!events.some(({ event }) => event === 'target_ejected')) await ask()
  isBroken = false
  clock.advance(1_000)
  while (flaky.held.length === 0) await ask()
  for (let i = 0; i < 5; i++) await ask()
  t.equal(flaky.held.length, 1, 'while the trial runs the others go elsewhere')
  flaky.held.shift()?.()
  await until('the trial is over', () => events.some(({ event }) => event === 'request'))
  for (let i = 0; i < 3; i++) await ask()
  t.equal(flaky.held.length, 3, 'and then it is trusted again')
  for (const answer of [...flaky.held, ...good.held]) answer()
  for (const status of await Promise.all(asked)) t.equal(status, 200)
})

t.test('after its time out even a target with open streams comes back', async (t) => {
  let isBroken = false
  const startStreams = (name: string, isOut = () => false) =>
    startHttpService(t, (_, response) => {
      if (isOut()) return void response.destroy()
      response.writeHead(200, { 'Content-Type': 'text/event-stream', 'X-Name': name })
      response.flushHeaders()
    })
  const flaky = await startStreams('flaky', () => isBroken)
  const good = await startStreams('good')
  const { port, clock, events } = await startGateway(t, {
    upstream: [{ url: flaky.url, weight: 1000 }, good.url],
    ejection: { failures: 1, baseMs: 1_000 },
  })
  const open = async (): Promise<string> => {
    const client = connectRaw(t, port)
    client.send('GET /v1/proxy/ HTTP/1.1', 'Host: a', AUTHORIZATION, '', '')
    const received = await client.until(/^HTTP[^]*\r\n\r\n/)
    return /X-Name: (\w+)/.exec(received)?.[1] ?? received
  }
  const first = [await open(), await open()]
  t.ok(first.includes('flaky') && first.includes('good'))
  isBroken = true
  t.equal(await open(), 'good', 'by fail-over')
  t.ok(events.some(({ event }) => event === 'target_ejected'))
  t.equal(await open(), 'good')
  isBroken = false
  clock.advance(1_000)
  t.equal(await open(), 'flaky', 'its trial is a stream')
  t.equal(await open(), 'flaky', 'and others follow')
})

/** A service that holds its answers back, or breaks off. */
const startHeld = async (t: Test, isBroken = () => false) => {
  const held: Array<() => void> = []
  const { url } = await startHttpService(t, (_, response) => {
    if (isBroken()) response.destroy()
    else held.push(() => void response.end('ok'))
  })
  return { url, held }
}

t.test('one target always stays, and a lone one too', async (t) => {
  const broken = await startBroken(t)
  const { port, events } = await startGateway(t, {
    upstream: broken.url,
    ejection: { failures: 1, maxPercent: 100 },
  })
  for (let i = 0; i < 5; i++) t.match(await sendRaw(t, port, 'GET'), /^HTTP\/1\.1 502 /)
  t.equal(broken.connections.length, 5)
  t.notOk(events.some(({ event }) => event === 'target_ejected'))
  const two = [await startBroken(t), await startBroken(t)]
  const other = await startGateway(t, {
    upstream: two.map(({ url }) => url),
    ejection: { failures: 1, maxPercent: 100 },
  })
  for (let i = 0; i < 5; i++) await sendRaw(t, other.port, 'GET')
  t.equal(other.events.filter(({ event }) => event === 'target_ejected').length, 1)
})

t.test('a full target has its bounded, timed queue', async (t) => {
  const service = await startRawService(t, () => {})
  const { port, clock, lastRequest } = await startGateway(t, {
    upstream: service.url,
    limits: { targetConnections: 1, targetWaiting: 2, userRequests: 9 },
    timeouts: { targetQueueMs: 5_000, responseHeadersMs: 1_000_000 },
  })
  const ask = () => {
    const client = connectRaw(t, port)
    client.send('GET /v1/proxy/a HTTP/1.1', 'Host: a', AUTHORIZATION, 'Connection: close', '', '')
    return client
  }
  const first = ask()
  await until('the first is there', () => service.connections[0]?.received !== undefined)
  const [second, third, fourth] = [ask(), ask(), ask()]
  await until('one is refused', () => [second, third, fourth].some(({ isClosed }) => isClosed))
  const refused = [second, third, fourth].find(({ isClosed }) => isClosed)
  t.equal(refused, fourth, 'the last')
  t.match(fourth?.received, /^HTTP\/1\.1 503 [^]*\r\nRetry-After: 1\r\n[^]*"code":"overloaded"/)
  t.equal(service.connections.length, 1)
  second.socket.destroy()
  await until('it is logged', () => lastRequest()?.aborted === true)
  service.connections[0]?.socket.write(OK_EMPTY)
  t.match(await first.untilClosed(), /^HTTP\/1\.1 200 /)
  await until('the third has its turn', () => /a HTTP[^]*a HTTP/.test(everything(service)))
  const fifth = ask()
  await until('it has waited long enough', () => {
    clock.advance(100)
    return fifth.isClosed
  })
  t.match(fifth.received, /^HTTP\/1\.1 503 /, 'not for ever')
  service.connections.at(-1)?.socket.write(OK_EMPTY)
  t.match(await third.untilClosed(), /^HTTP\/1\.1 200 /)
})

const everything = ({ connections }: RawService): string =>
  connections.map(({ received }) => received).join('')
