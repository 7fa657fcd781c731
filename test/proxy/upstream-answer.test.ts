// A body is read as fast as it is wanted, and no faster; nothing of it is lost or comes twice.
import t, { type Test } from 'tap'
import type { UpstreamPool } from '../../lib/proxy/upstream-pool.js'
import { CA, certificate } from '../support/certificates.js'
import { heapBytes } from '../support/heap.js'
import { startRawService, type RawConnection } from '../support/services.js'
import { stillness, until } from '../support/until.js'
import { happens, openPool, sendTo } from '../support/upstream-requests.js'

const TRUSTED = { ca: CA }
const HEAD = 'HTTP/1.1 200 OK\r\n'
const MIB = 2 ** 20
const heldBytes = (): number => heapBytes() + process.memoryUsage().external

// No two parts of it are alike.
const BODY = Array.from({ length: 400_000 }, (_, i) => i.toString(36).padStart(i % 9, '-')).join(
  '/',
)

const chunksOf = (body: string): string => {
  let chunks = ''
  for (let at = 0, size = 1; at < body.length; at += size, size = (size * 7) % 40_009) {
    const chunk = body.slice(at, at + size)
    chunks += `${chunk.length.toString(16)};x\r\n${chunk}\r\n`
  }
  return `${chunks}0\r\nA: b\r\n\r\n`
}

const ANSWERS: Array<[string, string, string]> = [
  ['a length', `${HEAD}Content-Length: ${BODY.length}\r\n\r\n`, BODY],
  ['chunks', `${HEAD}Transfer-Encoding: chunked\r\n\r\n`, chunksOf(BODY)],
  ['the end of its connection', `${HEAD}\r\n`, BODY],
]

/** Reads it with a pause of a turn behind each piece. */
const readHaltingly = async (
  t: Test,
  pool: UpstreamPool,
  options: { isFresh: boolean },
): Promise<string> => {
  const sent = sendTo(t, pool, options, (answer, one) => {
    one.onData = () => {
      answer.pause()
      setImmediate(() => answer.resume())
    }
  })
  await happens(sent, 'end')
  return sent.body
}

for (const tls of [undefined, certificate('localhost')])
  for (const [what, head, body] of ANSWERS)
    for (const isLast of [false, true]) {
      if (!isLast && !head.includes(':')) continue
      const name = `${tls ? 'TLS' : 'plain'}, delimited by ${what}${isLast ? ', then the end' : ''}`

      t.test(`who reads it haltingly has all of it: ${name}`, async (t) => {
        const service = await startRawService(
          t,
          ({ socket }) => {
            socket.write(head + body, 'latin1')
            if (isLast) socket.end()
          },
          tls,
        )
        const pool = openPool(t, service.url, TRUSTED)
        const both = [false, false, true].map((isFresh) => readHaltingly(t, pool, { isFresh }))
        for (const read of both) t.ok((await read) === BODY, 'it is as it was sent')
      })
    }

/** Writes as much as is taken. */
const pour = ({ socket }: RawConnection, piece: string): void => {
  while (socket.write(piece)) if (socket.destroyed) return
  socket.once('drain', () => pour({ socket } as RawConnection, piece))
}

const CHUNK = `10000\r\n${'x'.repeat(65_536)}\r\n`
const ENDLESS: Array<[string, string, string]> = [
  ['a length', `${HEAD}Content-Length: 9007199254740991\r\n\r\n`, 'x'.repeat(65_536)],
  ['chunks', `${HEAD}Transfer-Encoding: chunked\r\n\r\n`, CHUNK],
  ['small chunks', `${HEAD}Transfer-Encoding: chunked\r\n\r\n`, '1\r\nx\r\n'.repeat(10_000)],
  ['the end of its connection', `${HEAD}\r\n`, 'x'.repeat(65_536)],
]

for (const tls of [undefined, certificate('localhost')])
  for (const [what, head, piece] of ENDLESS)
    t.test(`who does not read stops the service: ${tls ? 'TLS' : 'plain'}, ${what}`, async (t) => {
      const service = await startRawService(
        t,
        (connection) => {
          connection.socket.write(head)
          pour(connection, piece)
        },
        tls,
      )
      const pool = openPool(t, service.url, TRUSTED)
      const sent = sendTo(t, pool, {}, (answer, one) => {
        one.onData = () => {
          one.onData = undefined
          answer.pause()
        }
      })
      await happens(sent, 'data')
      const writtenBytes = (): number => service.connections[0]?.socket.bytesWritten ?? 0
      await stillness(writtenBytes)
      const before = heldBytes()
      const stoodAt = writtenBytes()
      const readBytes = sent.body.length
      t.ok(readBytes <= 4 * 65_536, `${readBytes} bytes were read`)
      sent.answer?.resume()
      await until(
        'it goes on',
        () => writtenBytes() > stoodAt + 4 * MIB || sent.body.length > 4 * MIB,
      )
      sent.answer?.pause()
      await stillness(writtenBytes)
      const again = sent.body.length
      sent.body = ''
      await stillness(writtenBytes)
      t.equal(sent.body, '', `nothing comes, after ${again} bytes`)
      const grown = heldBytes() - before
      t.ok(grown < 16 * MIB, `${grown} bytes are held`)
      sent.request.abandon()
    })
