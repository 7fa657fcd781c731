import { once } from 'node:events'
import t from 'tap'
import { OK_EMPTY, startRawService, type RawConnection } from '../support/services.js'
import { until } from '../support/until.js'
import { happens, openPool, sendTo } from '../support/upstream-requests.js'

const ok = ({ socket }: RawConnection): void => void socket.write(OK_EMPTY)

t.test(
  'the connection used last is used first, and none is opened where one is idle',
  async (t) => {
    const service = await startRawService(t, ok)
    const pool = openPool(t, service.url)
    for (let i = 0; i < 5; i++) await happens(sendTo(t, pool), 'end')
    t.equal(service.connections.length, 1)
    const held = Array.from({ length: 3 }, () => sendTo(t, pool))
    for (const sent of held) await happens(sent, 'end')
    t.equal(service.connections.length, 3, 'as many as requests at once')
    const before = service.connections.map(({ received }) => received.length)
    for (let i = 0; i < 5; i++) await happens(sendTo(t, pool), 'end')
    const after = service.connections.map(({ received }) => received.length)
    t.equal(after.filter((length, i) => length > Number(before[i])).length, 1)
  },
)

t.test('an idle one is closed in time, and as the service asks', async (t) => {
  const rows: Array<[string, number]> = [
    ['', 60_000],
    ['Keep-Alive: timeout=600\r\n', 60_000],
    ['Keep-Alive: timeout=10\r\n', 9_000],
  ]
  for (const [field, ms] of rows) {
    const service = await startRawService(
      t,
      ({ socket }) => void socket.write(OK_EMPTY.replace('\r\n\r\n', `\r\n${field}\r\n`)),
    )
    const pool = openPool(t, service.url)
    await happens(sendTo(t, pool), 'end')
    pool.clock.advance(ms - 1_000)
    await happens(sendTo(t, pool), 'end')
    t.equal(service.connections.length, 1, 'its time begins anew')
    pool.clock.advance(ms - 1_000)
    await happens(sendTo(t, pool), 'end')
    pool.clock.advance(ms + 1_000)
    await until('it is closed', () => service.connections[0]?.isClosed === true)
    await happens(sendTo(t, pool), 'end')
    t.equal(service.connections.length, 2)
  }
  for (const field of [
    'Connection: close\r\n',
    'Keep-Alive: timeout=1\r\n',
    'Keep-Alive: timeout=0\r\n',
  ]) {
    const service = await startRawService(
      t,
      ({ socket }) => void socket.write(OK_EMPTY.replace('\r\n\r\n', `\r\n${field}\r\n`)),
    )
    const pool = openPool(t, service.url)
    await happens(sendTo(t, pool), 'end')
    await until('it is closed at once', () => service.connections[0]?.isClosed === true)
  }
})

t.test('one that is in use again is not closed for having been idle', async (t) => {
  const service = await startRawService(t, ({ socket, received }) => {
    if (received.split('GET').length === 2) socket.write(OK_EMPTY)
  })
  const pool = openPool(t, service.url)
  const first = sendTo(t, pool)
  await happens(first, 'end')
  const second = sendTo(t, pool)
  pool.clock.advance(120_000)
  await pool.settle()
  service.connections[0]?.socket.write(OK_EMPTY)
  await happens(second, 'end')
  const kept = pool.take()
  pool.keep(kept, Infinity)
  service.connections[0]?.socket.resetAndDestroy()
  await until('it is closed', () => kept.socket.closed)
  t.equal(second.happened.at(-1), 'end', 'who used it before hears nothing of it')
})

t.test('one that was closed while it was idle is not used', async (t) => {
  const service = await startRawService(t, ok)
  const pool = openPool(t, service.url)
  const both = [sendTo(t, pool), sendTo(t, pool)]
  for (const sent of both) await happens(sent, 'end')
  for (const { socket } of service.connections) socket.end()
  await until('they are closed', () => service.connections.every(({ isClosed }) => isClosed))
  const sent = sendTo(t, pool)
  await happens(sent, 'end')
  t.notOk(sent.request.wasKept)
  t.equal(service.connections.length, 3)
})

t.test('one that the service has ended, and that is not closed yet, is not used', async (t) => {
  const service = await startRawService(t, ok)
  const pool = openPool(t, service.url)
  await happens(sendTo(t, pool), 'end')
  const connection = pool.take()
  pool.keep(connection, Infinity)
  let taken = connection
  let isClosed = false
  connection.socket.once('end', () => {
    taken = pool.take()
    isClosed = connection.socket.destroyed
  })
  service.connections[0]?.socket.end()
  await until('another is there', () => taken !== connection)
  t.ok(isClosed)
  taken.destroy()
})

t.test('one on which something is still to be sent is not kept', async (t) => {
  const service = await startRawService(t, ok)
  const pool = openPool(t, service.url)
  await happens(sendTo(t, pool), 'end')
  const busy = pool.take()
  busy.socket.cork()
  busy.socket.write('x')
  pool.keep(busy, Infinity)
  t.ok(busy.socket.destroyed, 'a part of it would be read as the next request')
})

t.test('an answer that was not read to its end leaves no connection', async (t) => {
  const service = await startRawService(t, ({ socket }) => {
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhalf of it')
  })
  const pool = openPool(t, service.url)
  const sent = sendTo(t, pool)
  await happens(sent, 'data')
  sent.request.abandon()
  await until('it is let go', () => service.connections[0]?.isClosed === true)
  await happens(sendTo(t, pool), 'data')
  t.equal(service.connections.length, 2)
})

t.test('what is in use when the pool is closed serves on, and is not kept', async (t) => {
  const service = await startRawService(t, () => {})
  const pool = openPool(t, service.url)
  const requests = [sendTo(t, pool), sendTo(t, pool), sendTo(t, pool)]
  const asked = (): number => service.connections.filter(({ received }) => received !== '').length
  await until('all are asked', () => asked() === requests.length)
  service.connections[0]?.socket.write(OK_EMPTY)
  await until('one is idle', () => requests.some(({ happened }) => happened.at(-1) === 'end'))
  pool.close()
  await until('that is closed', () => service.connections[0]?.isClosed === true)
  for (const { socket } of service.connections.slice(1)) socket.write(OK_EMPTY)
  for (const sent of requests) await happens(sent, 'end')
  await until('all are closed', () => service.connections.every(({ isClosed }) => isClosed))
  const late = pool.take()
  await once(late.socket, 'connect')
  pool.keep(late, Infinity)
  await until('it is closed', () => late.socket.destroyed)
})

t.test('one of its own is not kept', async (t) => {
  const service = await startRawService(t, ok)
  const pool = openPool(t, service.url)
  const sent = sendTo(t, pool, { isFresh: true })
  await happens(sent, 'end')
  await until('it is closed', () => service.connections[0]?.isClosed === true)
  t.match(service.connections[0]?.received, /Connection: close\r\n/)
})

t.test('an idle one keeps no process alive, and one that is in use does', async (t) => {
  const service = await startRawService(t, ({ socket, received }) => {
    if (received.split('GET').length === 2) socket.write(OK_EMPTY)
  })
  const pool = openPool(t, service.url)
  await happens(sendTo(t, pool), 'end')
  const idle = pool.take()
  const isHeld = (): boolean => (idle.socket as unknown as HandleOf)._handle.hasRef()
  t.ok(isHeld())
  pool.keep(idle, Infinity)
  t.notOk(isHeld())
  sendTo(t, pool)
  t.ok(isHeld())
})

interface HandleOf {
  _handle: { hasRef(): boolean }
}
