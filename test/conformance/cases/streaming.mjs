// Bytes pass as they come, and only as fast as they are taken.
import { reply } from '../origin.mjs'
import { no, refusal, verdict, yes } from '../verdict.mjs'
import { flood } from '../wire.mjs'

const LIMIT = 32 * 1024 * 1024
const CHUNKED = 'Transfer-Encoding: chunked'
const chunk = (text) => `${text.length.toString(16)}\r\n${text}\r\n`
const encodeChunk = (block) =>
  Buffer.concat([Buffer.from(`${block.length.toString(16)}\r\n`), block, Buffer.from('\r\n')])

const mebibytes = (bytes) => `${Math.round(bytes / 1024 / 1024)} MiB`

const uploaded = (id, name, line, encode) => ({
  id,
  name,
  spec: '—',
  level: 'feature',
  run: async ({ open, head, until, seen }) => {
    const client = await open()
    client.send(head('POST', [line]) + encode('first'))
    const body = () => seen()[0]?.request.body
    if (!(await until(() => body() === 'first', 1_000))) return no(seen()[0] ? 'only the head' : '')
    client.send(encode('again'))
    return (await until(() => body() === 'firstagain', 1_000)) ? yes() : no('first part only')
  },
})

export default [
  {
    id: 'event-stream',
    name: 'Each server-sent event reaches the client before the next is sent',
    spec: '—',
    level: 'feature',
    run: async ({ open, head, answer, until }) => {
      const client = await open()
      const arrived = []
      answer(async (exchange) => {
        exchange.send(`HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n${CHUNKED}\r\n\r\n`)
        for (const event of ['data: 1\n\n', 'data: 2\n\n', 'data: 3\n\n']) {
          exchange.send(chunk(event))
          arrived.push(await until(() => client.received.includes(event), 500))
        }
        exchange.send('0\r\n\r\n')
      })
      client.send(head('GET', ['Accept: text/event-stream']))
      await until(() => client.final())
      return verdict(arrived.every(Boolean) && client.final(), refusal(client))
    },
  },
  {
    id: 'head-first',
    name: 'The head of an answer reaches the client before its body begins',
    spec: '—',
    level: 'feature',
    run: async ({ open, head, answer, until }) => {
      const client = await open()
      let isEarly
      answer(async (exchange) => {
        exchange.send('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n')
        isEarly = await until(() => client.received.includes('\r\n\r\n'), 500)
        exchange.send('ok')
      })
      client.send(head())
      await until(() => client.final())
      return verdict(isEarly, 'with the body')
    },
  },
  uploaded('upload-chunked', 'A chunked upload reaches the service as it comes', CHUNKED, chunk),
  uploaded(
    'upload-length',
    'An upload with Content-Length reaches the service as it comes',
    'Content-Length: 10',
    (text) => text,
  ),
  {
    id: 'both-ways',
    name: 'An answer streams while the upload still runs',
    spec: 'RFC 9112 9.3',
    level: 'feature',
    run: async ({ open, head, answer, until }) => {
      answer(async (exchange) => {
        exchange.send(`HTTP/1.1 200 OK\r\n${CHUNKED}\r\n\r\n`)
        let echoed = 0
        while (!exchange.complete && !exchange.wire.gone) {
          const { body } = exchange.request
          if (body.length > echoed) exchange.send(chunk(body.slice(echoed)))
          echoed = body.length
          await until(() => exchange.request.body.length > echoed || exchange.complete)
        }
        exchange.send('0\r\n\r\n')
      })
      const client = await open()
      client.send(head('POST', [CHUNKED]))
      for (const [index, part] of ['one', 'two'].entries()) {
        client.send(chunk(part))
        if (!(await until(() => client.received.includes(part), 1_000))) {
          return no(index > 0 ? 'first part only' : refusal(client))
        }
      }
      client.send('0\r\n\r\n')
      const response = await until(() => client.final())
      return verdict(response?.body === 'onetwo', 'not ended')
    },
  },
  {
    id: 'early-answer',
    name: 'An answer that comes before the upload has ended reaches the client',
    spec: 'RFC 9112 9.5',
    level: 'feature',
    run: async ({ open, head, answer, until }) => {
      answer((exchange) => {
        exchange.send(reply('413 Content Too Large', 'big', 'Connection: close'))
        exchange.wire.end()
      })
      const client = await open()
      client.send(head('POST', [CHUNKED]) + chunk('x'.repeat(65_536)))
      await until(() => client.final() || client.gone)
      return verdict(client.final()?.status === 413, refusal(client))
    },
  },
  {
    id: 'back-pressure-down',
    name: 'A client that does not read stops the service: less than 32 MiB are taken',
    spec: '—',
    level: 'feature',
    run: async ({ open, head, answer, until }) => {
      let taken
      answer(async ({ wire }) => {
        wire.send('HTTP/1.1 200 OK\r\nContent-Length: 1000000000000\r\n\r\n')
        taken = await flood(wire, LIMIT)
        wire.reset()
      })
      const client = await open()
      client.socket.pause()
      client.send(head())
      await until(() => taken !== undefined, 8_000)
      return taken < LIMIT ? yes(mebibytes(taken)) : no(taken ? 'all taken' : refusal(client))
    },
  },
  {
    id: 'back-pressure-up',
    name: 'A service that does not read stops an upload: less than 32 MiB are taken',
    spec: '—',
    level: 'feature',
    run: async ({ open, head, answer, until }) => {
      answer(({ wire }) => {
        wire.socket.pause()
        return until(() => client.closed)
      })
      const client = await open()
      client.send(head('POST', [CHUNKED]))
      const taken = await flood(client, LIMIT, encodeChunk)
      const isOpen = !client.gone
      client.reset()
      if (!isOpen) return no(refusal(client))
      return taken < LIMIT ? yes(mebibytes(taken)) : no('all taken')
    },
  },
]
