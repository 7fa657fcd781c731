// Under strain connections on which nothing happens are closed.
import { EventEmitter } from 'node:events'
import type { Server } from 'node:https'
import { connect as connectTcp } from 'node:net'
import { connect as connectTls } from 'node:tls'
import t from 'tap'
import { followConnections } from '../../lib/http/connections.js'
import { createTurns } from '../../lib/http/turns.js'
import { SAMPLE_MS } from '../../lib/overload/overload.js'
import { CA, certificateFile } from '../support/certificates.js'
import { heapLeftBytes } from '../support/heap.js'
import { HEALTH, QUICK, sampleUntil, startHeld } from '../support/held-gateway.js'
import { connectRaw } from '../support/raw-client.js'
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

t.test('so are connections on which no hands are shaken', async (t) => {
  const tls = {
    certFile: certificateFile('localhost.pem'),
    keyFile: certificateFile('localhost.key'),
  }
  const gateway = await startHeld(t, { limits: { connections: 5 }, tls })
  const silent = [1, 2, 3, 4].map(() => connectTcp(gateway.port, '127.0.0.1'))
  let closed = 0
  for (const socket of silent) socket.on('close', () => closed++).resume()
  t.teardown(() => silent.forEach((socket) => socket.destroy()))
  await sampleUntil(gateway, /^connections soft began 4$/)
  await sampleUntil(gateway, /^connections soft ended 0$/)
  await until('they are closed', () => closed === 4)
  const socket = connectTls({ port: gateway.port, host: '127.0.0.1', ca: CA })
  t.teardown(() => void socket.destroy())
  let received = ''
  socket.setEncoding('latin1').on('data', (text: string) => (received += text))
  socket.write(HEALTH)
  await until('others are served', () => received.startsWith('HTTP/1.1 200 '))
})

t.test('connections on which no hands were shaken leave nothing behind', async (t) => {
  const server = Object.assign(new EventEmitter(), { setSecureContext: () => {} })
  const turns = createTurns({ limitWaiting: 1, limitRequests: 1 })
  const connections = followConnections(server as unknown as Server, turns)
  const leftBytes = await heapLeftBytes((remotePort) => {
    const socket = Object.assign(new EventEmitter(), { remoteAddress: 'a', remotePort })
    server.emit('connection', socket)
    socket.emit('close')
  })
  t.ok(leftBytes < 2_000_000, `${leftBytes} bytes`)
  t.equal(connections.count, 0)
})
