import t from 'tap'
import { readJson } from '../../lib/http/body.js'
import type { Exchange } from '../../lib/http/exchange.js'
import { createGathered } from '../../lib/http/gathered.js'
import { readLines } from '../../lib/http/lines.js'
import { serve } from '../support/entrance.js'
import { heapBytes } from '../support/heap.js'
import { connectRaw } from '../support/raw-client.js'
import { until } from '../support/until.js'

t.test('pieces of any size are kept in one buffer that is little larger than they are', (t) => {
  const gathered = createGathered()
  t.equal(gathered.content().length, 0)
  const pieces = Array.from({ length: 5_000 }, (_, i) => Buffer.alloc((i * 7) % 100, i))
  for (const piece of pieces) gathered.add(piece)
  const whole = Buffer.concat(pieces)
  t.equal(gathered.bytes, whole.length)
  t.ok(gathered.content().equals(whole))
  t.ok(gathered.content().buffer.byteLength <= whole.length + 65_536)
  t.end()
})

const CONNECTIONS = 20
const BYTES = 16_000
const MOST_HELD = 10_000_000

t.test('a body that comes byte by byte takes hardly more memory than it is long', async (t) => {
  const limits = { limitBytes: 16_384, timeoutMs: 1_000_000, idleMs: 1_000_000 }
  const rows: Array<[string, (exchange: Exchange) => Promise<unknown>]> = [
    ['read whole', (exchange) => readJson(exchange, limits)],
    ['read by lines', (exchange) => readLines(exchange, limits).next()],
  ]
  for (const [what, read] of rows) {
    let receivedBytes = 0
    const { port } = await serve(t, async (exchange) => {
      exchange.request.on('data', (chunk: Buffer) => (receivedBytes += chunk.length))
      await read(exchange)
    })
    const before = heapBytes()
    for (let i = 0; i < CONNECTIONS; i++)
      connectRaw(t, port).send(
        'POST / HTTP/1.1',
        'Host: a',
        'Content-Type: application/json',
        'Transfer-Encoding: chunked',
        '',
        '1\r\n \r\n'.repeat(BYTES),
      )
    await until(`all is there, ${what}`, () => receivedBytes === CONNECTIONS * BYTES)
    const heldBytes = heapBytes() - before
    t.ok(heldBytes < MOST_HELD, `${heldBytes} bytes are held where it is ${what}`)
  }
})

t.test('of a line that is too long nothing is kept', async (t) => {
  let receivedBytes = 0
  const { port } = await serve(t, async (exchange) => {
    exchange.request.on('data', (chunk: Buffer) => (receivedBytes += chunk.length))
    await readLines(exchange, { limitBytes: 1_000, idleMs: 1_000_000 }).next()
  })
  const bufferBytes = (): number => {
    heapBytes()
    return process.memoryUsage().arrayBuffers
  }
  const before = bufferBytes()
  const client = connectRaw(t, port)
  client.send('POST / HTTP/1.1', 'Host: a', `Content-Length: ${2 * MOST_HELD}`, '', '')
  client.send('x'.repeat(2 * MOST_HELD - 1))
  await until('it is there', () => receivedBytes === 2 * MOST_HELD - 1)
  // The client, which is in this process too, lets go of its own when all is written.
  await until('little is held', () => bufferBytes() - before < MOST_HELD)
})
