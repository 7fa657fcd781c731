import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import t, { type Test } from 'tap'
import { sendNoContent } from '../../lib/http/respond.js'
import { RequestSource } from '../../lib/proxy/request-source.js'
import { serve } from '../support/entrance.js'
import { connectRaw, countAnswers, type RawClient } from '../support/raw-client.js'
import { until } from '../support/until.js'

/** A taker that does as it is told with each piece. */
const createTaker = (onPiece: (length: number) => void = () => {}) => {
  const pieces: Buffer[] = []
  const taken = {
    ends: 0,
    text: () => Buffer.concat(pieces).toString('latin1'),
    take: (piece: Buffer) => {
      pieces.push(piece)
      onPiece(pieces.length)
    },
    end: () => void taken.ends++,
  }
  return taken
}

const head = (length: number): string =>
  `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${length}\r\n\r\n`

/** Sends a body to a handler of requests. */
const post = async (
  t: Test,
  body: string,
  onRequest: (request: IncomingMessage, answer: () => void) => void | Promise<void>,
): Promise<RawClient> => {
  const { port } = await serve(t, (exchange) =>
    onRequest(exchange.request, () => sendNoContent(exchange)),
  )
  const client = connectRaw(t, port)
  client.socket.write(head(body.length) + body)
  return client
}

const parserOf = (request: IncomingMessage) =>
  (request.socket as Socket & { parser?: { incoming: unknown } }).parser

const LARGE = Array.from({ length: 200_000 }, (_, i) => String(i % 1_000_000)).join()

t.test('a body is taken as it is parsed, past the stream that it is', async (t) => {
  const taker = createTaker()
  let request: IncomingMessage | undefined
  const client = await post(t, 'body', (it, answer) => {
    request = it
    new RequestSource(it).start({
      take: taker.take,
      end: () => {
        taker.end()
        t.equal(it.complete, true)
        t.equal(it.readableFlowing, null, 'nobody has read the stream')
        answer()
      },
    })
  })
  await until('it is answered', () => countAnswers(client.received) === 1)
  t.equal(taker.text(), 'body')
  t.equal(taker.ends, 1)
  await until('it is not kept', () => parserOf(request as IncomingMessage)?.incoming === null)
})

t.test('while it is paused nothing comes, and afterwards all of it does', async (t) => {
  let isPaused = false
  let source: RequestSource | undefined
  let most = 0
  const taker = createTaker((count) => {
    t.equal(isPaused, false)
    if (count % 3 !== 1) return
    isPaused = true
    source?.pause()
    setImmediate(() => setImmediate(() => setImmediate(goOn)))
  })
  let request: IncomingMessage | undefined
  const goOn = (): void => {
    most = Math.max(most, request?.readableLength ?? 0)
    isPaused = false
    source?.resume()
  }
  const client = await post(t, LARGE, (it, answer) => {
    request = it
    source = new RequestSource(it)
    source.start({
      take: taker.take,
      end: () => {
        taker.end()
        answer()
      },
    })
  })
  await until('it is answered', () => countAnswers(client.received) === 1)
  t.ok(taker.text() === LARGE, 'byte for byte')
  t.equal(taker.ends, 1)
  t.ok(most <= 2 * 65_536, `${most} bytes waited`)
})

t.test('once it is stopped nothing comes, and another can read the rest', async (t) => {
  for (const isPaused of [false, true]) {
    const taker = createTaker()
    let read = ''
    const client = await post(t, LARGE, (request, answer) => {
      const source = new RequestSource(request)
      const leave = async (): Promise<void> => {
        source.stop()
        read = await text(request)
        answer()
      }
      const take = (piece: Buffer): void => {
        taker.take(piece)
        if (isPaused) source.pause()
        if (isPaused) setImmediate(() => void leave())
        else void leave()
      }
      source.start({ take, end: taker.end })
    })
    await until('it is answered', () => countAnswers(client.received) === 1)
    t.equal(taker.ends, 0)
    t.ok(taker.text() !== '' && taker.text() + read === LARGE, `paused: ${isPaused}`)
  }
})

t.test('who comes late reads what has come', async (t) => {
  const late = createTaker()
  const client = await post(t, 'body', async (request, answer) => {
    await until('it is here', () => request.complete)
    new RequestSource(request).start({ take: late.take, end: answer })
  })
  await until('it is answered', () => countAnswers(client.received) === 1)
  t.equal(late.text(), 'body')
})

t.test('who comes when another has taken it all is told the end', async (t) => {
  const [one, other] = [createTaker(), createTaker()]
  const client = await post(t, 'body', (request, answer) => {
    const again = (): void => {
      one.end()
      request.pause()
      new RequestSource(request).start({ take: other.take, end: answer })
    }
    new RequestSource(request).start({ take: one.take, end: again })
  })
  await until('it is answered', () => countAnswers(client.received) === 1)
  t.same([one.text(), one.ends, other.text()], ['body', 1, ''])
})

t.test('an answer in the middle of a body ends neither it nor the connection', async (t) => {
  const taker = createTaker()
  let request: IncomingMessage | undefined
  const { port } = await serve(t, (exchange) => {
    request ??= exchange.request
    if (exchange.request === request) new RequestSource(request).start(taker)
    exchange.response.end('early')
  })
  const client = connectRaw(t, port)
  client.socket.write(`${head(8)}half`)
  await until('it is answered', () => countAnswers(client.received) === 1)
  await new Promise(setImmediate)
  client.socket.write('half')
  await until('all is taken', () => taker.ends === 1)
  t.equal(taker.text(), 'halfhalf')
  t.ok(parserOf(request as IncomingMessage)?.incoming === null, 'it is not kept')
  client.send('GET / HTTP/1.1', 'Host: a', '', '')
  await until('the next is answered', () => countAnswers(client.received) === 2)
})

t.test('what nobody took before the answer is not kept while the connection is idle', async (t) => {
  for (const pauses of [1, 2]) {
    let request: IncomingMessage | undefined
    let left = 0
    let count = 0
    const { port } = await serve(t, async (exchange) => {
      request = exchange.request
      const source = new RequestSource(request)
      const take = (): void => {
        source.pause()
        if (++count < pauses) source.resume()
      }
      source.start({ take, end: () => t.fail('nobody goes on') })
      await until('all is here', () => exchange.request.complete)
      source.stop()
      left = request.readableLength
      sendNoContent(exchange)
    })
    const client = connectRaw(t, port)
    client.socket.write(head(4 * pauses + 2_000))
    for (let i = 1; i <= pauses; i++) {
      client.socket.write('body')
      await until('it is taken', () => count === i)
    }
    client.socket.write('x'.repeat(2_000))
    await until('it is answered', () => countAnswers(client.received) === 1)
    t.equal(left, 2_000)
    await until('it is not kept', () => parserOf(request as IncomingMessage)?.incoming === null)
  }
})

t.test('a request of another server is read as the stream that it is', async (t) => {
  const taker = createTaker()
  const server = createServer((request, response) => {
    new RequestSource(request).start({ take: taker.take, end: () => response.end() })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const client = connectRaw(t, (server.address() as AddressInfo).port)
  client.socket.write(head(4) + 'body')
  await until('it is answered', () => countAnswers(client.received) === 1)
  t.equal(taker.text(), 'body')
  client.socket.destroy()
})
