// Under strain connections on which nothing happens are closed.
import { EventEmitter } from 'node:events'
import type { Server } from 'node:https'
import { connect as connectTcp } from 'node:net'
import { connect as connectTls } from 'node:tls'
import t, { type Test } from 'tap'
import { followConnections } from '../../lib/http/connections.js'
import { Departures } from '../../lib/http/departures.js'
import { createTurns } from '../../lib/http/turns.js'
import { SAMPLE_MS } from '../../lib/overload/overload.js'
import { CA, LOCALHOST_FILES } from '../support/certificates.js'
import { heapLeftBytes } from '../support/heap.js'
import { HEALTH, QUICK, sampleUntil, startHeld } from '../support/held-gateway.js'
import { connectRaw, type RawClient } from '../support/raw-client.js'
import { until } from '../support/until.js'

t.test('many idle connections are closed, so that they hold nobody up', async (t) => {
  const gateway = await startHeld(t, { limits: { connections: 10 } })
  const { port } = gateway
  const busy = await gateway.hold()
  const idle = [1, 2, 3, 4, 5, 6, 7].map(() => connectRaw(t, port))
  for (const [i, client] of idle.entries()) {
    if (i % 2 === 0) continue
    client.send(HEALTH) // it is idle afterwards
    await client.until(/"ok"/)
  }
  const trickle = setInterval(() => idle[0]?.send('x'), 1)
  t.teardown(() => clearInterval(trickle))
  idle[0]?.send('GET /')
  await sampleUntil(gateway, /^connections soft began 8$/)
  await sampleUntil(gateway, /^connections soft ended 1$/)
  for (const client of idle) await client.untilClosed()
  t.equal(busy.isClosed, false)
  const other = connectRaw(t, port)
  other.send(QUICK)
  await other.until(/^HTTP\/1\.1 200 [^]*quick$/)
})

t.test('a connection that is used while others are closed stays', async (t) => {
  const gateway = await startHeld(t, { limits: { connections: 10 } })
  const idle = Array.from({ length: 9 }, () => connectRaw(t, gateway.port))
  await sampleUntil(gateway, /^connections soft began/)
  for (let i = 0; i < 5; i++) gateway.clock.advance(SAMPLE_MS)
  const late = connectRaw(t, gateway.port)
  for (const client of idle) {
    await until('the others are closed', () => {
      if (!client.isClosed) gateway.clock.advance(SAMPLE_MS)
      return client.isClosed
    })
  }
  t.equal(late.isClosed, false, 'it has come just now')
})

/** So many connections on which no hands are shaken; gives how many of them are closed. */
const beSilent = (t: Test, port: number, count: number): (() => number) => {
  let closed = 0
  for (let i = 0; i < count; i++) {
    const socket = connectTcp(port, '127.0.0.1')
    socket.on('error', () => {}).on('close', () => closed++)
    socket.resume()
    t.teardown(() => void socket.destroy())
  }
  return () => closed
}

const isServedOverTls = async (t: Test, port: number): Promise<void> => {
  const socket = connectTls({ port, host: '127.0.0.1', ca: CA })
  t.teardown(() => void socket.destroy())
  let received = ''
  socket.setEncoding('latin1').on('data', (text: string) => (received += text))
  socket.write(HEALTH)
  await until('others are served', () => received.startsWith('HTTP/1.1 200 '))
}

t.test('so are connections on which no hands are shaken', async (t) => {
  const gateway = await startHeld(t, { limits: { connections: 5 }, tls: LOCALHOST_FILES })
  const closed = beSilent(t, gateway.port, 4)
  await sampleUntil(gateway, /^connections soft began 4$/)
  await sampleUntil(gateway, /^connections soft ended 0$/)
  await until('they are closed', () => closed() === 4)
  await isServedOverTls(t, gateway.port)
})

t.test('they give way to who comes when hardly any is free', async (t) => {
  const { port } = await startHeld(t, { limits: { connections: 20 }, tls: LOCALHOST_FILES })
  const closed = beSilent(t, port, 40)
  await until('as many as are free are left', () => closed() >= 20)
  await isServedOverTls(t, port)
})

t.test('who comes when hardly any is free displaces who asks for nothing', async (t) => {
  const { port } = await startHeld(t, { limits: { connections: 20 } })
  const used = connectRaw(t, port)
  const use = async (): Promise<void> => {
    const before = used.received.length
    used.send(QUICK)
    await until('it is answered', () => used.received.slice(before).endsWith('quick'))
  }
  await use()
  const slow: RawClient[] = []
  for (let i = 0; i < 40; i++) {
    const client = connectRaw(t, port)
    slow.push(client)
    client.send('GET /')
    // Behind it, so that it has been taken when this one is answered.
    const other = connectRaw(t, port)
    other.send(QUICK)
    await other.until(/^HTTP\/1\.1 200 [^]*quick$/)
    await use()
  }
  await until('most of them gave way', () => slow.filter(({ isClosed }) => isClosed).length > 20)
  t.equal(used.isClosed, false, 'it is in use')
})

t.test('who is owed an answer gives way to nobody', async (t) => {
  const gateway = await startHeld(t, {
    limits: { connections: 10, routeRequests: 20, userRequests: 20 },
  })
  const busy = [await gateway.hold()]
  while (busy.length < 9) busy.push(await gateway.hold())
  const late = connectRaw(t, gateway.port)
  late.send(QUICK)
  await late.until(/^HTTP\/1\.1 200 [^]*quick$/)
  t.equal(await connectRaw(t, gateway.port).untilClosed(), '', 'none is free')
  t.notOk(busy.some(({ isClosed }) => isClosed))
})

t.test('connections on which no hands were shaken leave nothing behind', async (t) => {
  const server = Object.assign(new EventEmitter(), { setSecureContext: () => {} })
  const turns = createTurns({ limitWaiting: 1, limitRequests: 1, departures: new Departures() })
  const connections = followConnections(server as unknown as Server, turns, 1_000)
  const leftBytes = await heapLeftBytes((remotePort) => {
    const socket = Object.assign(new EventEmitter(), { remoteAddress: 'a', remotePort })
    server.emit('connection', socket)
    socket.emit('close')
  })
  t.ok(leftBytes < 2_000_000, `${leftBytes} bytes`)
  t.equal(connections.count, 0)
})

t.test('who comes beyond the limit is closed where node does not see to it', (t) => {
  const server = new EventEmitter()
  const turns = createTurns({ limitWaiting: 1, limitRequests: 1, departures: new Departures() })
  followConnections(server as Server, turns, 3)
  const sockets = Array.from({ length: 4 }, () =>
    Object.assign(new EventEmitter(), {
      destroyed: false,
      destroy() {
        this.destroyed = true
      },
      writableLength: 1, // an answer is owed
    }),
  )
  for (const socket of sockets) server.emit('connection', socket)
  t.same(
    sockets.map(({ destroyed }) => destroyed),
    [false, false, false, true],
  )
  t.end()
})
