import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import t from 'tap'
import type { Exchange } from '../../lib/http/exchange.js'
import { sendNoContent } from '../../lib/http/respond.js'
import { serve } from '../support/entrance.js'
import { connectRaw, countAnswers } from '../support/raw-client.js'
import { until } from '../support/until.js'

const get = ['GET / HTTP/1.1', 'Host: a', '', ''] as const
const empty = ['POST / HTTP/1.1', 'Host: a', 'Content-Length: 0', '', ''] as const

t.test('of a body that there is not nobody is told who did not ask', async (t) => {
  for (const lines of [get, empty]) {
    const requests: IncomingMessage[] = []
    let socket: (Socket & { parser?: { incoming: unknown } }) | undefined
    const { port } = await serve(t, async (exchange) => {
      requests.push(exchange.request)
      socket = exchange.request.socket
      sendNoContent(exchange)
    })
    const client = connectRaw(t, port)
    for (const count of [1, 2, 3]) {
      client.send(...lines)
      await until('it is answered', () => countAnswers(client.received) === count)
    }
    await until('all have come', () => requests.every(({ complete }) => complete))
    await until('no request is kept', () => socket?.parser?.incoming === null)
    t.strictSame(
      requests.map(({ readableFlowing, destroyed }) => [readableFlowing, destroyed]),
      Array.from({ length: 3 }, () => [null, false]),
    )
  }
})

t.test('who asks for it is told that it has ended, however late', async (t) => {
  const ways: Array<[string, (request: IncomingMessage) => Promise<unknown>]> = [
    ['by its pieces', async (request) => t.equal(await text(request), '')],
    ['by resuming', (request) => once(request.resume(), 'end')],
    [
      'by a piece',
      (request) => {
        request.read()
        return once(request, 'end')
      },
    ],
  ]
  for (const [way, read] of ways)
    for (const wait of [async () => {}, () => new Promise(setImmediate)]) {
      let ended: IncomingMessage | undefined
      const { port } = await serve(t, async (exchange: Exchange) => {
        await wait()
        await read(exchange.request)
        ended = exchange.request
        sendNoContent(exchange)
      })
      const client = connectRaw(t, port)
      client.send(...get)
      await until(`it is answered, read ${way}`, () => countAnswers(client.received) === 1)
      t.equal(ended?.readableEnded, true, way)
    }
})
