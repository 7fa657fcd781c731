// What a client gets in one write, and what it need not wait for.
import type { ServerResponse } from 'node:http'
import { Writable } from 'node:stream'
import t from 'tap'
import { Departures } from '../../lib/http/departures.js'
import { AnswerBody } from '../../lib/proxy/answer-body.js'
import { PieceBuffers } from '../../lib/proxy/piece-buffers.js'
import { bearer, startGateway } from '../support/gateways.js'
import { connectRaw } from '../support/raw-client.js'
import { startRawService } from '../support/services.js'
import { until } from '../support/until.js'

/** A body to a client, of whom only what he was sent is seen. */
const scene = () => {
  const seen: string[] = []
  const response = new Writable({ highWaterMark: 32_768 }) as Writable & {
    _send: (text: string) => void
    chunkedEncoding: boolean
  }
  response._send = (text) => void seen.push(text === '' ? 'HEAD' : `HEAD and ${text.length}`)
  response.write = (piece: unknown, taken?: unknown) => {
    seen.push(`write ${(piece as Buffer).length}`)
    if (typeof taken === 'function') taken()
    return false
  }
  response.end = ((text?: string) => {
    seen.push(text === undefined ? 'end' : `end ${text.length}`)
    Object.defineProperty(response, 'writableEnded', { value: true })
    return response
  }) as typeof response.end
  const buffers = new PieceBuffers()
  const departures = new Departures()
  const exchange = { response: response as unknown as ServerResponse, departures }
  const body = new AnswerBody(exchange, buffers)
  return { body, seen, response, buffers, departures }
}

t.test('a small body that is here goes out with its head, and nothing waits', (t) => {
  const rows: Array<[string, (body: AnswerBody) => void, string[]]> = [
    ['nothing yet', (body) => body.flush(), ['HEAD']],
    ['no body', (body) => body.end(), ['end']],
    [
      'a small one, and its end',
      (body) => {
        body.write(Buffer.alloc(16_384))
        body.end()
      },
      ['HEAD and 16384', 'end'],
    ],
    [
      'a small one, and perhaps more',
      (body) => {
        body.write(Buffer.alloc(9))
        body.flush()
      },
      ['write 9'],
    ],
    [
      'a small one, and more',
      (body) => {
        body.write(Buffer.alloc(9))
        body.write(Buffer.alloc(8), () => {})
        body.end()
      },
      ['write 9', 'write 8', 'end'],
    ],
    [
      'a large one',
      (body) => {
        body.write(Buffer.alloc(16_385))
        body.end()
      },
      ['HEAD', 'write 16385', 'end'],
    ],
    [
      'a small one whose end comes later',
      (body) => {
        body.write(Buffer.alloc(9))
        body.flush()
        body.flush()
        body.end()
      },
      ['write 9', 'end'],
    ],
  ]
  for (const [what, act, expected] of rows) {
    const { body, seen, departures } = scene()
    act(body)
    departures.letGo()
    t.same(seen, expected, what)
  }
  const { body, seen, response, departures } = scene()
  body.end()
  response.destroy()
  departures.letGo()
  t.same(seen, [], 'the client has gone')
  t.end()
})

t.test('the memory of a piece that could not be sent is not used again', (t) => {
  const { body, response, buffers } = scene()
  const pieces: Buffer[] = []
  let error: Error | undefined
  response.write = ((piece: Buffer, taken: (error?: Error) => void) => {
    pieces.push(piece)
    taken(error)
    return false
  }) as typeof response.write
  let told = 0
  const send = (): void => void body.write(Buffer.alloc(16_385), () => told++)
  send()
  send()
  t.equal(pieces[1]?.buffer, pieces[0]?.buffer)
  error = new Error('cut')
  send()
  t.not(buffers.copy(Buffer.alloc(1)).buffer, pieces[2]?.buffer)
  t.equal(told, 3)
  t.end()
})

t.test('a small body in chunks is left to node, which frames it', (t) => {
  const { body, seen, response, departures } = scene()
  response.chunkedEncoding = true
  body.write(Buffer.alloc(9))
  body.end()
  departures.letGo()
  t.same(seen, ['end 9'])
  t.end()
})

t.test('what was ended by others is not written to', (t) => {
  const { body, seen, response } = scene()
  response.end()
  body.flush()
  t.same(seen, ['end'])
  t.end()
})

t.test('it is as full as the response, and tells when that is not', (t) => {
  const { body, response } = scene()
  let drained = 0
  const count = (): void => void drained++
  body.on('drain', count)
  response.emit('drain')
  body.off('drain', count)
  response.emit('drain')
  t.equal(drained, 1)
  t.equal(body.writableLength, response.writableLength)
  t.end()
})

t.test('each byte arrives as it is, in one piece or many', async (t) => {
  const bytes = Array.from({ length: 256 }, (_, i) => String.fromCharCode(i)).join('')
  let answers: string[] = []
  const service = await startRawService(t, ({ socket }) => {
    for (const part of answers) socket.write(part, 'latin1')
  })
  const { port } = await startGateway(t, { upstream: service.url })
  const get = ['GET /v1/proxy/a HTTP/1.1', 'Host: a', `Authorization: ${bearer().Authorization}`]
  const client = connectRaw(t, port)
  for (const size of [1, 64, 65, 1_000]) {
    const body = bytes.repeat(size)
    answers = [
      `HTTP/1.1 200 \xe9\r\nX-Size: ${size}\r\nX-Name: \xe9\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    ]
    client.send(...get, '', '')
    await until(
      'all of it',
      () => client.received.endsWith(body) && client.received.includes(`X-Size: ${size}\r\n`),
    )
    t.match(client.received, /200 \xe9\r\n[^]*X-Name: \xe9\r\n/)
  }
  answers = ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n']
  client.send(...get, '', '')
  await client.until(/5\r\nfirst\r\n$/)
  service.connections[0]?.socket.write('6\r\nsecond\r\n0\r\n\r\n')
  await client.until(/6\r\nsecond\r\n0\r\n\r\n$/)
})
