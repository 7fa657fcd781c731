// An event stream does not outlive its token.
import { EventEmitter } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import t, { type Test } from 'tap'
import { bearer, mint, startGateway } from '../support/gateways.js'
import { START_SECONDS } from '../support/manual-clock.js'
import { startHttpService } from '../support/services.js'
import { until } from '../support/until.js'

const shortLived = bearer(mint({ exp: START_SECONDS + 60 }))

interface Stream {
  write: (text: string) => void
  isClosed: boolean
}

interface StreamOptions {
  headers?: Record<string, string>
  type?: string
  idleBodyMs?: number
}

/** A service of event streams, and a client that reads the one at `path`. */
const openStream = async (
  t: Test,
  { headers = {}, type = 'text/event-stream', idleBodyMs = 61_000 }: StreamOptions = {},
) => {
  const stream: Stream = { write: () => {}, isClosed: false }
  const seen = new EventEmitter<{ request: [IncomingMessage] }>()
  const service = await startHttpService(t, (request, response) => {
    seen.emit('request', request)
    stream.write = (text) => void response.write(text)
    request.socket.on('close', () => (stream.isClosed = true))
    response.writeHead(200, { 'Content-Type': type, ...headers }).flushHeaders()
  })
  const gateway = await startGateway(t, {
    upstream: service.url,
    timeouts: { idleBodyMs },
  })
  let received = ''
  let ended: 'ended' | 'cut' | undefined
  let lastEventId: unknown
  seen.once('request', (request) => (lastEventId = request.headers['last-event-id']))
  const response = await new Promise<IncomingMessage>((resolve) => {
    get(
      `${gateway.origin}/v1/proxy/events`,
      { headers: { ...shortLived, 'Last-Event-ID': '41' }, agent: false },
      resolve,
    )
  })
  response.setEncoding('utf8').on('data', (text: string) => (received += text))
  response.on('end', () => (ended ??= 'ended')).on('error', () => (ended ??= 'cut'))
  t.equal(lastEventId, '41', 'Last-Event-ID is carried')
  return { ...gateway, stream, received: () => received, ended: () => ended }
}

t.test('an event stream is flushed event by event, and no heartbeat is too slow', async (t) => {
  const { stream, received, clock } = await openStream(t, { idleBodyMs: 20_000 })
  stream.write('data: 1\n\n')
  await until('the first event', () => received() === 'data: 1\n\n')
  let expected = received()
  for (let i = 0; i < 3; i++) {
    clock.advance(19_000)
    stream.write(': heartbeat\n')
    expected += ': heartbeat\n'
    await until('the heartbeat', () => received() === expected)
  }
})

t.test('an event stream ends with a comment line when the token expires', async (t) => {
  const rows: Array<[string, string, string]> = [
    ['between events', 'data: 1\n\n', 'data: 1\n\n: the token has expired\n'],
    ['within an event', 'data: 1\n', 'data: 1\n: the token has expired\n'],
    ['within a line', 'data: {"a"', 'data: {"a"\n: the token has expired\n'],
  ]
  for (const [name, written, expected] of rows) {
    const { stream, received, ended, clock, lastRequest } = await openStream(t)
    stream.write(written)
    await until('it arrives', () => received() === written)
    clock.advance(59_999)
    t.equal(ended(), undefined)
    clock.advance(1)
    await until('the end', () => ended() !== undefined)
    t.equal(received(), expected, name)
    t.equal(ended(), 'ended', 'cleanly')
    await until('the service is let go', () => stream.isClosed)
    await until('it is logged', () => lastRequest() !== undefined)
    t.match(lastRequest(), { status: 200, reason: 'token_expired', aborted: false })
  }
})

t.test('an encoded stream ends without the comment, which would be no code', async (t) => {
  const { stream, received, ended, clock } = await openStream(t, {
    headers: { 'Content-Encoding': 'gzip' },
  })
  stream.write('(code)')
  await until('it arrives', () => received() === '(code)')
  clock.advance(60_000)
  await until('the end', () => ended() !== undefined)
  t.equal(received(), '(code)')
  t.ok(stream)
})

t.test('a stream whose length is told was granted whole', async (t) => {
  const { stream, received, ended, clock } = await openStream(t, {
    headers: { 'Content-Length': '2' },
  })
  stream.write('a')
  await until('it arrives', () => received() === 'a')
  clock.advance(60_000)
  stream.write('b')
  await until('the end', () => ended() !== undefined)
  t.equal(received(), 'ab')
})

t.test('an answer that is no event stream was granted whole', async (t) => {
  const { stream, received, ended, clock } = await openStream(t, { type: 'text/plain' })
  stream.write('a')
  await until('it arrives', () => received() === 'a')
  for (let i = 0; i < 4; i++) {
    clock.advance(20_000)
    stream.write('b')
    await until('it arrives', () => received() === `a${'b'.repeat(i + 1)}`)
  }
  t.equal(ended(), undefined)
})
