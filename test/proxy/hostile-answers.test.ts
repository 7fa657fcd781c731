// A service that breaks off, or lies about where its answer ends, as its client sees it.
import type { TlsOptions } from 'node:tls'
import t from 'tap'
import { certificate, certificateFile } from '../support/certificates.js'
import { bearer, startGateway } from '../support/gateways.js'
import { connectRaw } from '../support/raw-client.js'
import { readAnswer } from '../support/read-answer.js'
import { OK_EMPTY, startRawService } from '../support/services.js'
import { stillness, until } from '../support/until.js'

const request = (method = 'GET', version = '1.1'): string[] => [
  `${method} /v1/proxy/a HTTP/${version}`,
  'Host: a',
  `Authorization: ${bearer().Authorization}`,
  '',
  '',
]
const HEAD = 'HTTP/1.1 200 OK\r\nX: y\r\n'

t.test('an answer that is cut at any byte never looks whole to a client', async (t) => {
  let answer = ''
  const service = await startRawService(t, ({ socket }) => void socket.end(answer, 'latin1'))
  const { port } = await startGateway(t, { upstream: service.url, limits: { userRequests: 1_000 } })
  const answers = [
    `${HEAD}Content-Length: 4\r\n\r\nbody`,
    `${HEAD}Transfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n1\r\n!\r\n0\r\nT: r\r\n\r\n`,
    `HTTP/1.1 103 H\r\n\r\n${HEAD}Content-Length: 1\r\n\r\nx`,
  ]
  for (const whole of answers)
    for (let at = 0; at < whole.length; at++) {
      answer = whole.slice(0, at)
      const client = connectRaw(t, port)
      client.send(...request())
      await until('an answer', () => client.isClosed || / 502 [^]*}$/.test(client.received))
      const { head, trailers } = readAnswer([client.received], { isEnded: true })
      if (trailers && head?.statusCode !== 502) t.fail(`${answer}: ${client.received}`)
      client.socket.destroy()
    }
})

t.test('an answer that could be read in two ways is given to nobody', async (t) => {
  let answer = ''
  const service = await startRawService(t, ({ socket }) => void socket.write(answer, 'latin1'))
  const { port, events } = await startGateway(t, { upstream: service.url })
  const body = `\r\n\r\n4\r\nEVIL\r\n0\r\n\r\n${OK_EMPTY}`
  const rows: Array<[string, string]> = [
    [`${HEAD}Content-Length: 4\r\nContent-Length: 4`, 'ambiguous_answer_length'],
    [`${HEAD}Content-Length: 4\r\nTransfer-Encoding: chunked`, 'ambiguous_answer_length'],
    [`${HEAD}Content-Length: 4, 4`, 'invalid_content_length'],
    [`${HEAD}Content-Length: +4`, 'invalid_content_length'],
    [`${HEAD}Transfer-Encoding: chunked, gzip`, 'unknown_transfer_coding'],
    [`${HEAD}Transfer-Encoding: xchunked`, 'unknown_transfer_coding'],
    ['HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked', 'unknown_transfer_coding'],
    [`${HEAD}Transfer-Encoding : chunked`, 'invalid_answer_head'],
    [`${HEAD}Transfer-Encoding:\r\n chunked`, 'invalid_answer_head'],
    [`${HEAD}Transfer\0-Encoding: chunked`, 'invalid_answer_head'],
    [`${HEAD}A: b\rContent-Length: 0`, 'invalid_answer_head'],
    [`${HEAD}A: b\nContent-Length: 0`, 'invalid_answer_head'],
    [`${HEAD}A: b\n\nContent-Length: 0`, 'invalid_answer_head'],
    [`HTTP/1.1 200 OK\rContent-Length: 0`, 'invalid_answer_head'],
    ['HTTP/1.1 101 S\r\nUpgrade: h2c', 'unexpected_upgrade'],
  ]
  for (const [given, cause] of rows) {
    answer = given + body
    events.splice(0)
    const client = connectRaw(t, port)
    client.send(...request())
    t.match(await client.until(/}$/), /^HTTP\/1\.1 502 /, JSON.stringify(given))
    t.notMatch(client.received, /EVIL/)
    t.match(
      events.find(({ event }) => event === 'upstream_failed'),
      { cause },
      JSON.stringify(given),
    )
    client.socket.destroy()
  }
  t.equal(service.connections.length, rows.length, 'such a connection is not used again')
  answer = `${HEAD}Transfer-Encoding: gzip, chunked\r\n\r\n`
  const client = connectRaw(t, port)
  client.send(...request('HEAD'))
  t.match(await client.until(/\r\n\r\n$/), /^HTTP\/1\.1 502 /, 'nor to HEAD')
})

// What stands behind an answer is there when that is read, or is what is read next.
const SPLITS: Array<[string, TlsOptions | undefined, number]> = [
  ['in the same piece', undefined, 100],
  ['in the next piece', undefined, 65_536],
  ['in the next record', certificate('localhost'), 16_384],
]

/** An answer of so many bytes, which end with `x`. */
const answerOf = (bytes: number): string => {
  const length = bytes - `${HEAD}Content-Length: 00000\r\n\r\n`.length
  return `${HEAD}Content-Length: ${String(length).padStart(5, '0')}\r\n\r\n${'x'.repeat(length)}`
}

t.test('what waits for a place does not get what stands behind the answer before', async (t) => {
  for (const [where, tls, bytes] of SPLITS) {
    const answer = answerOf(bytes) + answerOf(100).replaceAll('x', 'E')
    const service = await startRawService(t, ({ socket }) => void socket.write(answer), tls)
    const { port } = await startGateway(t, {
      upstream: service.url,
      upstreamTls: { caFile: certificateFile('ca.pem') },
      limits: { targetConnections: 1 },
    })
    const clients = Array.from({ length: 5 }, () => connectRaw(t, port))
    for (const client of clients) client.send(...request())
    for (const client of clients)
      t.match(await client.until(/\r\n\r\n(x+|E+)$/), /\r\n\r\nx+$/, where)
    t.equal(service.connections.length, 5, where)
  }
})

t.test('where many wait, connections are used again', async (t) => {
  for (const tls of [undefined, certificate('localhost')]) {
    const service = await startRawService(t, ({ socket }) => void socket.write(OK_EMPTY), tls)
    const { port } = await startGateway(t, {
      upstream: service.url,
      upstreamTls: { caFile: certificateFile('ca.pem') },
      limits: { targetConnections: 3, userRequests: 100 },
    })
    for (let round = 0; round < 3; round++) {
      const clients = Array.from({ length: 60 }, () => connectRaw(t, port))
      for (const client of clients) client.send(...request())
      for (const client of clients) await client.until(/^HTTP\/1\.1 200 [^]*\r\n\r\n$/)
    }
    const { length } = service.connections
    t.ok(length <= (tls ? 12 : 3), `${length} connections`)
  }
})

t.test('a client that does not read stops the service', async (t) => {
  for (const framing of ['Content-Length: 1000000000', 'Transfer-Encoding: chunked', 'A: b']) {
    const piece = framing.startsWith('T')
      ? `10000\r\n${'x'.repeat(65_536)}\r\n`
      : 'x'.repeat(65_536)
    const service = await startRawService(t, ({ socket }) => {
      socket.write(`${HEAD}${framing}\r\n\r\n`)
      const pour = (): void => {
        while (!socket.destroyed && socket.write(piece));
      }
      socket.on('drain', pour)
      pour()
    })
    const { port } = await startGateway(t, { upstream: service.url })
    const client = connectRaw(t, port)
    client.socket.pause()
    client.send(...request())
    await until('it is asked', () => service.connections.length === 1)
    await stillness(() => service.connections[0]?.socket.bytesWritten ?? 0)
    const { bytesWritten = Infinity } = service.connections[0]?.socket ?? {}
    t.ok(bytesWritten < 30_000_000, `${framing}: ${bytesWritten} bytes`)
    client.socket.destroy()
    await until('the service is let go', () => service.connections[0]?.isClosed === true)
  }
})
