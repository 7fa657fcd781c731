// What is written in one turn of the event loop goes out at its end, and nobody's answer is lost by that.
import type { Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { connect } from 'node:tls'
import t from 'tap'
import { cutOnGoodbye } from '../../lib/http/cut.js'
import { Departures } from '../../lib/http/departures.js'
import { createTurns } from '../../lib/http/turns.js'
import { sendJson } from '../../lib/http/respond.js'
import { CA, LOCALHOST_FILES } from '../support/certificates.js'
import { serve } from '../support/entrance.js'
import { startGateway } from '../support/gateways.js'
import { connectRaw, countAnswers } from '../support/raw-client.js'
import { until } from '../support/until.js'

const nextTurn = (): Promise<void> => new Promise(setImmediate)

/** What departs, in order, by the names under which it was added. */
const scene = () => {
  const departures = new Departures()
  const gone: Array<string | number> = []
  const add = (name: string | number, also = (): void => {}): void =>
    departures.add({
      depart: () => {
        gone.push(name)
        also()
      },
    })
  return { departures, gone, add }
}

t.test('all that is to depart does at the end of the turn, in its order', async (t) => {
  const { gone, add } = scene()
  add('a', () => add('c'))
  await Promise.resolve()
  add('b')
  t.same(gone, [], 'not before')
  await nextTurn()
  t.same(gone, ['a', 'b'])
  await nextTurn()
  t.same(gone, ['a', 'b', 'c'], 'what comes meanwhile is of the next')
})

t.test('it is let go before when someone asks', async (t) => {
  const { departures, gone, add } = scene()
  departures.letGo()
  add('a')
  departures.letGo()
  t.same(gone, ['a'])
  add('b')
  t.same(gone, ['a'])
  await nextTurn()
  await nextTurn()
  t.same(gone, ['a', 'b'], 'each once')
})

t.test('where one cannot, the others do all the same', async (t) => {
  const { departures, gone, add } = scene()
  add('a')
  add('b', () => {
    throw new RangeError('of b alone')
  })
  add('c')
  t.throws(() => departures.letGo(), { message: 'of b alone' })
  t.same(gone, ['a', 'b'])
  await nextTurn()
  await nextTurn()
  t.same(gone, ['a', 'b', 'c'])
})

t.test('no more than 64 wait', async (t) => {
  const { gone, add } = scene()
  for (let i = 0; i < 63; i++) add(i)
  t.equal(gone.length, 0)
  add(63)
  t.equal(gone.length, 64)
  add(64)
  t.equal(gone.length, 64)
  await nextTurn()
  t.same(
    gone,
    Array.from({ length: 65 }, (_, i) => i),
  )
})

const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'

t.test('a client that says goodbye before it goes out is answered', async (t) => {
  const { port } = await serve(t, async (exchange) => {
    cutOnGoodbye(exchange)
    sendJson(exchange, 200, { a: 1 })
    exchange.request.socket.emit('end')
  })
  for (const head of [GET, GET.replace('1.1', '1.0')]) {
    const client = connectRaw(t, port)
    client.send(head)
    t.match(await client.untilClosed(), /^HTTP\/1\.1 200 [^]*\{"a":1\}$/)
    t.notOk(client.isReset)
  }
})

t.test('so is one that says it with its request, over TLS', async (t) => {
  const { port } = await startGateway(t, { tls: LOCALHOST_FILES })
  const client = connect({ port, host: '127.0.0.1', ca: CA })
  t.teardown(() => void client.destroy())
  client.end(GET.replace('/', '/healthz'))
  t.match(await text(client), /^HTTP\/1\.1 200 [^]*\{"status":"ok"\}$/)
})

t.test(
  'what was answered is sent before the connection is closed for what came behind',
  async (t) => {
    const { port } = await startGateway(t)
    for (const behind of ['\x00\x01garbage\r\n\r\n', 'CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n']) {
      const client = connectRaw(t, port)
      client.send(GET.replace('/', '/healthz') + behind)
      t.match(await client.untilClosed(), /^HTTP\/1\.1 200 [^]*{"status":"ok"}$/, behind)
    }
  },
)

t.test('what was answered before its handler failed, or all is cut, goes out', async (t) => {
  const { port } = await serve(t, async (exchange) => {
    sendJson(exchange, 200, { a: 1 })
    throw new Error('too late')
  })
  const client = connectRaw(t, port)
  client.send(GET)
  t.match(await client.untilClosed(), /^HTTP\/1\.1 200 [^]*\{"a":1\}$/)
  const { departures, gone, add } = scene()
  const turns = createTurns({ limitWaiting: 1, limitRequests: 1, departures })
  add('a')
  turns.cut({ destroy: () => gone.push('cut') } as unknown as Socket)
  t.same(gone, ['a', 'cut'])
})

t.test('a client that has gone before is not written to', async (t) => {
  const { port, events } = await serve(t, async (exchange) => {
    sendJson(exchange, 200, { a: 1 })
    exchange.request.socket.destroy()
  })
  const client = connectRaw(t, port)
  client.send(GET)
  t.equal(countAnswers(await client.untilClosed()), 0)
  await until('it is logged', () => events.length === 1)
  t.match(events, [{ aborted: true }])
})
