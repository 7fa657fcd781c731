import t from 'tap'
import { OK_EMPTY, startRawService } from '../support/services.js'
import { until } from '../support/until.js'
import { happens, openPool, sendTo } from '../support/upstream-requests.js'

const BODY = 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody'
const UPLOAD = {
  method: 'POST',
  headers: ['Host', 'a', 'Content-Length', '10'],
  framing: 'length',
} as const

t.test('a request goes out when there is a connection, and its answer comes', async (t) => {
  const service = await startRawService(t, ({ socket }) => {
    socket.write(`HTTP/1.1 100 C\r\n\r\nHTTP/1.1 103 H\r\n\r\n${BODY}`)
  })
  const pool = openPool(t, service.url)
  const sent = sendTo(t, pool)
  t.notOk(sent.request.wasKept)
  t.ok(sent.request.isUnanswered())
  await happens(sent, 'end')
  t.same(sent.happened, ['connected', 'continued', '103', '200', 'data', 'end'])
  t.match(sent, { body: 'body', answer: { statusMessage: 'OK' } })
  t.notOk(sent.request.isUnanswered())
  const next = sendTo(t, pool)
  t.ok(next.request.wasKept)
  t.same(next.happened, ['connected'], 'it is there at once')
  await happens(next, 'end')
  t.equal(
    service.connections[0]?.received,
    'GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive\r\n\r\n'.repeat(2),
  )
})

t.test('an answer that breaks off has failed, and is not whole', async (t) => {
  const rows: Array<[string, string]> = [
    ['', 'ECONNRESET'],
    ['HTTP/1.1 2', 'ECONNRESET'],
    ['HTTP/1.1 103 H\r\n\r\n', 'ECONNRESET'],
    [BODY.slice(0, -1), 'ECONNRESET'],
    ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n', 'ECONNRESET'],
    ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n-\r\n', 'invalid_chunk'],
    ['HTTP/1.1 200 OK\r\nTransfer-Encoding: x\r\n\r\n', 'unknown_transfer_coding'],
    ['HTTP/1.1 200 OK\r\nContent-Length: -\r\n\r\n', 'invalid_content_length'],
    ['nonsense', 'invalid_answer_head'],
  ]
  for (const [answer, cause] of rows)
    for (const isReset of [false, true]) {
      const service = await startRawService(t, ({ socket }) => {
        socket.write(answer, () => (isReset ? socket.resetAndDestroy() : socket.end()))
      })
      const sent = sendTo(t, openPool(t, service.url))
      await happens(sent, cause)
      t.notOk(sent.happened.includes('end'), `${answer} ${isReset}`)
      await until('it is closed', () => service.connections[0]?.isClosed === true)
    }
})

t.test('what cannot be reached says why', async (t) => {
  const sent = sendTo(t, openPool(t, 'http://127.0.0.1:9'))
  await happens(sent, 'ECONNREFUSED')
  t.same(sent.happened, ['ECONNREFUSED'])
})

t.test('a connection is kept when the whole of the request has been sent', async (t) => {
  const service = await startRawService(t, ({ socket, received }) => {
    if (!received.includes('late')) socket.write(OK_EMPTY)
  })
  const pool = openPool(t, service.url)
  const early = sendTo(t, pool, UPLOAD)
  early.request.body.write(Buffer.from('12345'))
  await happens(early, 'end')
  await until('it is closed', () => service.connections[0]?.isClosed === true)
  t.pass('what is still to come would be read as the next request')
  for (let i = 0; i < 2; i++) {
    const whole = sendTo(t, pool, { ...UPLOAD, headers: ['Content-Length', '4', 'A', 'late'] })
    whole.request.body.write(Buffer.from('1234'))
    let isSent = false
    whole.request.body.end(() => (isSent = true))
    await until('it is sent', () => isSent)
    service.connections.at(-1)?.socket.write(OK_EMPTY)
    await happens(whole, 'end')
  }
  t.equal(service.connections.length, 2)
})

t.test('nothing is heard of what was abandoned', async (t) => {
  const answers = [
    'HTTP/1.1 103 H\r\n\r\nHTTP/1.1 103 H\r\n\r\n',
    OK_EMPTY,
    BODY,
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n1\r\nx\r\n0\r\n\r\n',
    'HTTP/1.1 101 S\r\nUpgrade: x\r\n\r\n',
    'nonsense',
  ]
  for (const answer of answers) {
    const service = await startRawService(t, ({ socket }) => void socket.write(answer))
    const pool = openPool(t, service.url)
    const sent = sendTo(t, pool)
    sent.request.abandon()
    t.same(sent.happened, [])
    const halfway = sendTo(t, pool, {}, (one, { request }) => {
      request.abandon()
      one.resume()
    })
    await until('it has happened', () => halfway.happened.length > 1)
    await until(
      'it is closed',
      () => service.connections.at(-1)?.isClosed !== false || answer[9] === '1',
    )
    t.notOk(halfway.happened.includes('data'), answer)
    t.notOk(halfway.happened.includes('end'), answer)
    t.notOk(halfway.happened.includes('ECONNRESET'), answer)
  }
})

t.test('one that is abandoned while it is told of hears no more', async (t) => {
  const service = await startRawService(t, ({ socket }) => {
    socket.write(`HTTP/1.1 103 H\r\n\r\nHTTP/1.1 102 H\r\n\r\nHTTP/1.1 101 S\r\n\r\n`)
  })
  const sent = sendTo(t, openPool(t, service.url), { isFresh: true })
  sent.happened.push = (...what): number => {
    if (what[0] === '103') sent.request.abandon()
    return Array.prototype.push.apply(sent.happened, what)
  }
  await happens(sent, '103')
  await until('it is closed', () => service.connections[0]?.isClosed === true)
  t.same(sent.happened, ['connected', '103'])
})

t.test('a switch of protocols hands the connection on, with what is behind it', async (t) => {
  const answer = 'HTTP/1.1 101 S\r\nUpgrade: x\r\n\r\n'
  for (const behind of ['', 'early', OK_EMPTY])
    for (const isFresh of [true, false]) {
      const service = await startRawService(t, ({ socket }) => void socket.write(answer + behind))
      const pool = openPool(t, service.url)
      const sent = sendTo(t, pool, { isFresh })
      await happens(sent, behind)
      t.same(sent.happened, ['connected', '101', behind])
      const next = sendTo(t, pool)
      t.notOk(next.request.wasKept, 'it is nobody else’s')
    }
})

t.test('what would not be one request is thrown, and takes no connection', async (t) => {
  const service = await startRawService(t, () => {})
  const pool = openPool(t, service.url)
  t.throws(() => sendTo(t, pool, { path: '/ HTTP/1.1\r\n\r\nGET /' }), { code: 'invalid_request' })
  t.equal(service.connections.length, 0)
})

t.test('an error of whoever is told is no fault of the service', async (t) => {
  const { UpstreamRequest } = await import('../../lib/proxy/upstream-request.js')
  const pool = openPool(t, 'http://127.0.0.1:9')
  const request = new UpstreamRequest(
    {
      target: { pool } as never,
      isFresh: false,
      method: 'GET',
      path: '/',
      headers: [],
      framing: 'none',
    },
    {
      answered: () => {
        throw new RangeError('a mistake')
      },
    } as never,
  )
  request.depart()
  t.throws(() => request.received(Buffer.from(OK_EMPTY)), { message: 'a mistake' })
  request.abandon()
})
