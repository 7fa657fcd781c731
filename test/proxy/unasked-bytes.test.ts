// Bytes of a service that nobody has asked for: they are never the answer to another user's request.
import t from 'tap'
import type { Departures } from '../../lib/http/departures.js'
import { CA, certificate } from '../support/certificates.js'
import { OK_EMPTY, startRawService, type RawConnection } from '../support/services.js'
import { until } from '../support/until.js'
import { happens, openPool, sendTo } from '../support/upstream-requests.js'

const ok = ({ socket }: RawConnection): void => void socket.write(OK_EMPTY)
const EVIL = 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nEVIL'
const TRUSTED = { ca: CA }

for (const tls of [undefined, certificate('localhost')]) {
  const what = tls ? 'over TLS' : 'in the clear'

  t.test(`bytes that come while it is idle are no answer, ${what}`, async (t) => {
    const service = await startRawService(t, ok, tls)
    const pool = openPool(t, service.url, TRUSTED)
    await happens(sendTo(t, pool), 'end')
    service.connections[0]?.socket.write(EVIL)
    await until('it is let go', () => service.connections[0]?.isClosed === true)
    const sent = sendTo(t, pool)
    await happens(sent, 'end')
    t.match(sent, { body: '', happened: ['connected', '200', 'end'] })
  })

  t.test(`bytes that come before the request has gone out are no answer, ${what}`, async (t) => {
    const service = await startRawService(t, ok, tls)
    const pool = openPool(t, service.url, TRUSTED)
    await happens(sendTo(t, pool), 'end')
    const departures = { add: () => {} } as unknown as Departures
    const sent = sendTo(t, { ...pool, departures })
    service.connections[0]?.socket.write(EVIL)
    t.ok(sent.request.wasKept)
    await happens(sent, 'unasked_answer')
    t.match(sent, { body: '', happened: ['connected', 'unasked_answer'] })
    t.ok(sent.request.isUnanswered(), 'and so it can be asked again')
    await until('nothing was asked', () => service.connections[0]?.isClosed === true)
    t.equal(service.connections[0]?.received.split('GET ').length, 2)
  })

  t.test(`bytes behind an answer are not the next one, ${what}`, async (t) => {
    let answer = ''
    const service = await startRawService(
      t,
      ({ socket }) => {
        socket.cork() // over TLS these are two records that come together
        socket.write(answer)
        socket.write(EVIL)
        socket.uncork()
      },
      tls,
    )
    const rows: Array<[string, string]> = [
      ['GET', OK_EMPTY],
      ['GET', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'],
      ['GET', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n'],
      ['GET', 'HTTP/1.1 204 No\r\n\r\n'],
      ['GET', 'HTTP/1.1 304 No\r\nContent-Length: 44\r\n\r\n'],
      ['HEAD', 'HTTP/1.1 200 OK\r\nContent-Length: 44\r\n\r\n'],
    ]
    for (const [method, given] of rows) {
      answer = given
      const pool = openPool(t, service.url, TRUSTED)
      // Whoever waits for the end of the first is as early as one can be.
      const next: Array<ReturnType<typeof sendTo>> = []
      const first = sendTo(t, pool, { method }, (_, one) => {
        one.onEnd = () => next.push(sendTo(t, pool, { method }))
      })
      await happens(first, 'end')
      await until('the next is there', () => next[0]?.happened.at(-1) === 'end')
      await happens(sendTo(t, pool, { method }), 'end')
      t.notMatch(next[0]?.body, /EVIL/, given)
      t.notOk(next[0]?.request.wasKept, 'it went out on another connection')
    }
    t.equal(service.connections.length, 3 * rows.length)
  })
}
