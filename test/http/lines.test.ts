import t from 'tap'
import type { Exchange } from '../../lib/http/exchange.js'
import { readLines } from '../../lib/http/lines.js'
import { send } from '../../lib/http/respond.js'
import { serve } from '../support/entrance.js'
import type { ManualClock } from '../support/manual-clock.js'
import { connectRaw } from '../support/raw-client.js'
import { stillness, until } from '../support/until.js'

const LIMITS = { limitBytes: 1_000_000, idleMs: 10_000 }
const LINE = `${'x'.repeat(99_999)}\n`
const COUNT = 300 // 30 MB
const MOST_TAKEN = 150 // what the sockets of both sides may hold

t.test('a body is read no faster than its lines are dealt with', async (t) => {
  let proceed = (): void => {}
  const isFree = new Promise<void>((resolve) => (proceed = resolve))
  let count = 0
  const { port } = await serve(t, async (exchange) => {
    for await (const { bytes } of readLines(exchange, LIMITS)) {
      await isFree
      if (bytes?.length === LINE.length - 1) count++
    }
    send(exchange, { status: 200, contentType: 'text/plain', body: 'read' })
  })
  const client = connectRaw(t, port)
  client.send('POST / HTTP/1.1', 'Host: a', `Content-Length: ${LINE.length * COUNT}`, '', '')
  let taken = 0
  const pump = (): void => {
    while (taken < COUNT) {
      taken++
      if (!client.socket.write(LINE)) return void client.socket.once('drain', pump)
    }
  }
  pump()
  await stillness(() => taken)
  t.ok(taken < MOST_TAKEN, `${taken} lines were taken`)
  proceed()
  await client.until(/read$/)
  t.equal(count, COUNT)
})

t.test('who goes away while a line is dealt with has no more of them', async (t) => {
  const numbers: number[] = []
  let isOver = false
  let proceed = (): void => {}
  const { port, events } = await serve(t, async (exchange) => {
    for await (const { number } of readLines(exchange, LIMITS)) {
      numbers.push(number)
      await new Promise<void>((resolve) => (proceed = resolve))
    }
    isOver = true
  })
  const client = connectRaw(t, port)
  client.send('POST / HTTP/1.1', 'Host: a', 'Content-Length: 1000', '', 'a\nb')
  await until('the first line', () => numbers.length === 1)
  client.socket.destroy()
  await until('that is known', () => events.length === 1)
  proceed()
  await until('it is over', () => isOver)
  t.same(numbers, [1])
})

t.test('the end of a body is seen also when it came while a line was dealt with', async (t) => {
  const numbers: number[] = []
  const { port } = await serve(t, async (exchange) => {
    for await (const { number } of readLines(exchange, LIMITS)) {
      numbers.push(number)
      if (number === 1) await until('all is there', () => exchange.request.complete)
      else await new Promise((resolve) => setImmediate(resolve))
    }
    send(exchange, { status: 200, contentType: 'text/plain', body: 'read' })
  })
  const client = connectRaw(t, port)
  client.send('POST / HTTP/1.1', 'Host: a', 'Content-Length: 4', '', 'a\n')
  await until('the first line', () => numbers.length === 1)
  client.send('b\n')
  await client.until(/read$/)
  t.same(numbers, [1, 2])
})

t.test('only what is waited for has to come in time', async (t) => {
  const numbers: number[] = []
  const state: { exchange?: Exchange } = {}
  const { port } = await serve(t, async (exchange) => {
    state.exchange = exchange
    for await (const { number } of readLines(exchange, LIMITS)) {
      numbers.push(number)
      ;(exchange.clock as ManualClock).advance(LIMITS.idleMs / 2)
    }
    send(exchange, { status: 200, contentType: 'text/plain', body: 'read' })
  })
  const client = connectRaw(t, port)
  client.send('POST / HTTP/1.1', 'Host: a', 'Content-Length: 4', '', 'a\n')
  await until('the first line', () => numbers.length === 1)
  const { clock, deadlines } = state.exchange as Exchange
  ;(clock as ManualClock).advance(LIMITS.idleMs / 2 + 1)
  let isSwept = false
  deadlines.start(0, () => (isSwept = true))
  await until('a look at what is due', () => isSwept)
  client.send('b\n')
  await client.until(/read$/)
  t.same(numbers, [1, 2])
})
