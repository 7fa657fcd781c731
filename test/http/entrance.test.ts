import { EventEmitter } from 'node:events'
import { type IncomingMessage, type ServerResponse } from 'node:http'
import t, { type Test } from 'tap'
import type { Clock } from '../../lib/clock.js'
import { createExchange, type Surroundings } from '../../lib/http/exchange.js'
import { parseFraming } from '../../lib/http/framing.js'
import { type Handler } from '../../lib/http/router.js'
import { parseTarget } from '../../lib/http/target.js'
import { Departures } from '../../lib/http/departures.js'
import { createTurns } from '../../lib/http/turns.js'
import { createManualClock } from '../support/manual-clock.js'
import { connectRaw } from '../support/raw-client.js'
import { serve, surroundingsOf } from '../support/entrance.js'
import { until } from '../support/until.js'

const surround = (clock: Clock): Surroundings => surroundingsOf(clock, [])

const ask = async (t: Test, handler: Handler) => {
  const { port, events } = await serve(t, handler)
  const client = connectRaw(t, port)
  client.send('GET /a HTTP/1.1', 'Host: a', '', '')
  return { client, events }
}

t.test('a handler that throws is a 500, and the log has its name and place', async (t) => {
  const { client, events } = await ask(t, () => {
    throw new TypeError('hunter22')
  })
  t.match(await client.until(/\}$/), /^HTTP\/1\.1 500 [^]*"code":"internal_error"/)
  t.match(events[0], { event: 'handler_failed', error: 'TypeError', at: /entrance\.test/ })
  t.notMatch(JSON.stringify(events), /hunter22/)
})

t.test('a handler that fails in the middle of its answer cuts it', async (t) => {
  const { client } = await ask(t, async ({ response }) => {
    response.writeHead(200, { 'Content-Length': 10 }).write('half')
    await new Promise((resolve) => setImmediate(resolve))
    throw new Error('the rest is gone')
  })
  t.match(await client.untilClosed(), /half$/)
})

t.test('what is written behind the end of an answer ends no process', async (t) => {
  const { client, events } = await ask(t, async ({ response }) => {
    response.end('all')
    response.write('more')
    await new Promise((resolve) => setImmediate(resolve))
  })
  t.match(await client.until(/all/), /^HTTP\/1\.1 200 /)
  await until('it is over', () => events.length === 1)
  t.match(events, [{ event: 'request', status: 200, aborted: false }])
})

const fakeResponse = (socket: object): ServerResponse =>
  Object.assign(new EventEmitter(), { socket, writableFinished: true }) as never

t.test('an answer that is stuck is cut, one that moves is not', async (t) => {
  const clock = createManualClock()
  const socket = {
    destroyed: false,
    writableLength: 100,
    destroy: () => (socket.destroyed = true),
  }
  const response = fakeResponse(socket)
  const request = Object.assign(new EventEmitter(), {
    rawHeaders: [],
    headers: {},
  }) as never as IncomingMessage
  const surroundings = surround(clock)
  createExchange(surroundings, request, response, {}, { isLast: false, leave: () => {} })
  response.emit('prefinish')
  clock.advance(1_000)
  await until('a look is taken', () => surroundings.deadlines.size === 1)
  socket.writableLength = 50
  clock.advance(1_000)
  const marker = surroundings.deadlines.start(1, () => (marked = true))
  let marked = false
  clock.advance(1)
  await until('the sweep is over', () => marked)
  marker.clear()
  t.equal(socket.destroyed, false, 'it moved')
  clock.advance(1_000)
  await until('it is cut', () => socket.destroyed)
  t.equal(surroundings.deadlines.size, 0)
  response.emit('prefinish')
  clock.advance(1_000)
  await until('a connection that is gone is left alone', () => surroundings.deadlines.size === 0)
})

t.test('a request that comes behind a closing answer is not taken', (t) => {
  const turns = createTurns({
    limitWaiting: 10,
    limitRequests: Infinity,
    departures: new Departures(),
  })
  const request = { socket: { writable: false } } as never as IncomingMessage
  turns.take(request, () => {
    throw new Error('it ran')
  })
  t.equal(turns.openCount, 0)
  t.end()
})

t.test('a connection that is cut does not wait for an answer to be flushed', (t) => {
  const turns = createTurns({
    limitWaiting: 10,
    limitRequests: Infinity,
    departures: new Departures(),
  })
  const socket = Object.assign(new EventEmitter(), {
    writable: true,
    destroyed: false,
    destroy: () => (socket.destroyed = true),
  })
  const request = { socket, httpVersionMinor: 1 } as never as IncomingMessage
  const response = Object.assign(fakeResponse(socket), { writableEnded: true, destroy: () => {} })
  turns.take(request, () => ({ request, response, isWhole: true }))
  t.equal(turns.owes(socket as never), 'flush')
  turns.cut(socket as never)
  t.equal(socket.destroyed, true)
  t.end()
})

t.test('framing is read from the fields alone, and what is doubtful is refused', (t) => {
  const framing = (rawHeaders: string[], httpVersionMinor = 1): unknown =>
    parseFraming({ rawHeaders, httpVersionMinor } as never)
  const te = 'Transfer-Encoding'
  t.same(framing([te, 'Chunked']), { kind: 'chunked' })
  t.same(framing([te, 'chunked', te, 'chunked']), 'invalid_framing')
  t.same(framing([te, 'chunked', 'Content-Length', '5']), 'invalid_framing')
  t.same(framing([te, 'chunked'], 0), 'invalid_framing')
  t.same(framing([te, 'gzip, chunked']), 'unknown_transfer_coding')
  t.same(framing(['CONTENT-LENGTH', '5']), { kind: 'length', bytes: 5 })
  t.same(framing(['Content-Length', '5', 'content-length', '5']), 'invalid_framing')
  for (const length of ['', '-1', '+1', '0x5', '5 ', '1e3', '1'.repeat(16)])
    t.same(framing(['Content-Length', length]), 'invalid_framing', length)
  t.same(framing(['Content-Length', '0']), { kind: 'none' })
  t.same(framing([]), { kind: 'none' })
  t.end()
})

t.test('a target in absolute form is read as its path, if it points here', (t) => {
  t.same(parseTarget('http://A.example', 'a.example'), { path: '/', query: '' })
  t.same(parseTarget('https://a?x=1', 'a'), { path: '/', query: '?x=1' })
  t.same(parseTarget('http://a/b?c?d', 'a'), { path: '/b', query: '?c?d' })
  t.same(parseTarget('http://b/', 'a'), undefined)
  t.same(parseTarget('http://a/', undefined), undefined)
  t.same(parseTarget('http:///a', ''), { path: '/a', query: '' })
  for (const overlong of ['%e0%80%ae', '%f0%80%80%ae', '%E0%9F%BF', '%c1%9c'])
    t.same(parseTarget(`/a/${overlong}`, 'a'), undefined, overlong)
  for (const fine of ['%e0%a4%95', '%f0%9f%98%80', '%C3%A9'])
    t.ok(parseTarget(`/${fine}`, 'a'), fine)
  t.end()
})
