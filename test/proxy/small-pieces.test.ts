// Bodies in pieces of a byte each, of which node keeps an object each where nobody reads them.
import { buffer } from 'node:stream/consumers'
import t from 'tap'
import { bearer, startGateway } from '../support/gateways.js'
import { heapBytes } from '../support/heap.js'
import { connectRaw, type RawClient } from '../support/raw-client.js'
import { startHttpService, startRawService } from '../support/services.js'
import { until } from '../support/until.js'

const PIECES = 100_000
const UPLOAD = [
  'POST /v1/proxy/a HTTP/1.1',
  'Host: a',
  `Authorization: ${bearer().Authorization}`,
  'Transfer-Encoding: chunked',
  '',
]
const BODY = '1\r\nx\r\n'.repeat(PIECES)
const UPLOADS = 12

const MOST_BYTES = 200_000

/** What one upload holds once nothing moves any more, in bytes of heap. */
const heldBytes = async (clients: RawClient[], start: () => RawClient): Promise<number> => {
  const before = heapBytes()
  for (let i = 0; i < UPLOADS; i++) clients.push(start())
  const written = (): number => clients.reduce((sum, { socket }) => sum + socket.bytesWritten, 0)
  let last = -1
  await until('nothing moves any more', async () => {
    const isStill = written() === last
    last = written()
    await new Promise((resolve) => setTimeout(resolve, 100))
    return isStill
  })
  return (heapBytes() - before) / UPLOADS
}

t.test('an upload that its service does not read holds little more than its bytes', async (t) => {
  const service = await startRawService(t, ({ socket }) => void socket.pause())
  const { port } = await startGateway(t, { upstream: service.url })
  const clients: RawClient[] = []
  const bytes = await heldBytes(clients, () => {
    const client = connectRaw(t, port)
    client.send(...UPLOAD, BODY)
    return client
  })
  t.ok(bytes < MOST_BYTES, `${bytes} bytes of heap for each`)
})

t.test('so does one that waits for its turn', async (t) => {
  const service = await startRawService(t, ({ socket }) => void socket.pause())
  const { port } = await startGateway(t, {
    upstream: service.url,
    limits: { userRequests: 1, userWaiting: 100 },
  })
  const first = connectRaw(t, port)
  first.send(...UPLOAD, '')
  await until('it is there', () => service.connections.length === 1)
  const bytes = await heldBytes([], () => {
    const client = connectRaw(t, port)
    client.send(...UPLOAD, BODY)
    return client
  })
  t.ok(bytes < MOST_BYTES, `${bytes} bytes of heap for each`)
})

t.test('every byte arrives, in its order, however it is cut and whenever it is read', async (t) => {
  let received: Promise<Buffer> | undefined
  const service = await startHttpService(t, (request, response) => {
    received = buffer(request)
    received.then(
      () => response.end('read'),
      () => {},
    )
  })
  const { port } = await startGateway(t, { upstream: service.url })
  const pieces = Array.from({ length: 20_000 }, (_, i) =>
    i % 500 === 0 ? `${i} `.repeat(900) : `${i} `,
  )
  const client = connectRaw(t, port)
  const chunks = pieces.map((piece) => `${piece.length.toString(16)}\r\n${piece}\r\n`)
  client.send(...UPLOAD, `${chunks.join('')}0\r\n\r\n`)
  await client.until(/read$/)
  t.equal((await received)?.toString('latin1'), pieces.join(''))
})
