// Upgrades on raw sockets: what does not speak WebSocket, and what is odd.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { createGateway } from '../../lib/index.js'
import { SECRET, startGateway } from '../support/gateways.js'
import { createManualClock } from '../support/manual-clock.js'
import { connectRaw, countAnswers, type RawClient } from '../support/raw-client.js'
import { startRawService, type RawConnection } from '../support/services.js'
import { hasHead, SWITCH, upgradeRequest } from '../support/raw-requests.js'
import { stillness, until } from '../support/until.js'

const bodyOf = ({ received }: { received: string }): string =>
  received.slice(received.indexOf('\r\n\r\n') + 4)

/** A service that switches to `talk` with what comes right behind. */
const startTalkService = (t: Test, behind = '') =>
  startRawService(t, (connection) => {
    if (!hasHead(connection) || connection.socket.bytesWritten > 0) return
    connection.socket.write(SWITCH + behind)
  })

const open = async (t: Test, port: number): Promise<RawClient> => {
  const client = connectRaw(t, port)
  client.send(...upgradeRequest('Upgrade: talk'))
  await client.until(/^HTTP\/1\.1 101 Switching Protocols\r\n[^]*\r\n\r\n/)
  return client
}

t.test('what comes right behind the request and behind the answer is delivered', async (t) => {
  const service = await startTalkService(t, 'first words')
  const { port } = await startGateway(t, { upstream: service.url })
  const client = connectRaw(t, port)
  client.send(...upgradeRequest('Upgrade: talk'), 'early words')
  const received = await client.until(/first words$/)
  t.match(received, /\r\nConnection: Upgrade\r\nUpgrade: talk\r\n[^]*\r\n\r\nfirst words$/)
  t.match(received, /\r\nX-P: 1\r\n[^]*\r\nX-Proxy-State: /)
  const connection = service.connections[0] as RawConnection
  await until('the early words', () => bodyOf(connection) === '\r\nearly words')
})

t.test('each side can end its way and still be told something', async (t) => {
  const service = await startTalkService(t)
  const { port, lastRequest } = await startGateway(t, { upstream: service.url })
  const client = await open(t, port)
  const connection = service.connections[0] as RawConnection
  let hasClientEnded = false
  connection.socket.removeAllListeners('end').on('end', () => (hasClientEnded = true))
  client.socket.end('the last of the client')
  await until('the end arrives', () => hasClientEnded)
  connection.socket.end('the last of the service')
  t.match(await client.untilClosed(), /\r\n\r\nthe last of the service$/)
  await until('it is logged', () => lastRequest() !== undefined)
  t.match(lastRequest(), { status: 101, aborted: false })

  const other = connectRaw(t, port)
  other.socket.allowHalfOpen = true
  other.send(...upgradeRequest('Upgrade: talk'))
  await other.until(/\r\n\r\n$/)
  const second = service.connections[1] as RawConnection
  second.socket.end('bye')
  await other.until(/bye$/)
  await until('the end arrives', () => other.isClosed)
  other.send('one word more')
  await until('it arrives', () => second.received.endsWith('one word more'))
})

t.test('a side that is reset takes the other with it', async (t) => {
  const service = await startTalkService(t)
  const { port, lastRequest } = await startGateway(t, { upstream: service.url })
  const client = await open(t, port)
  const connection = service.connections[0] as RawConnection
  client.socket.resetAndDestroy()
  await until('the service is told', () => connection.isClosed)
  await until('it is logged', () => lastRequest() !== undefined)
  t.match(lastRequest(), { status: 101, aborted: true })
  const other = await open(t, port)
  service.connections[1]?.socket.resetAndDestroy()
  await other.untilClosed()
  t.ok(other.isReset, 'by a reset')
})

t.test('a slow side stops the other', async (t) => {
  const chunk = Buffer.alloc(2 ** 20)
  let sentBytes = 0
  const service = await startRawService(t, (connection) => {
    if (!hasHead(connection) || sentBytes > 0) return
    connection.socket.write(SWITCH)
    const fill = (): void => {
      while (sentBytes < 2 ** 28) {
        sentBytes += chunk.length
        if (!connection.socket.write(chunk)) return void connection.socket.once('drain', fill)
      }
    }
    fill()
  })
  const { port } = await startGateway(t, { upstream: service.url })
  const client = await open(t, port)
  client.socket.pause()
  await stillness(() => sentBytes)
  t.ok(sentBytes < 2 ** 26, `${sentBytes} of ${2 ** 28} bytes`)
  let receivedBytes = client.received.length
  client.socket.removeAllListeners('data').on('data', (text) => (receivedBytes += text.length))
  client.socket.resume()
  await until('all of it', () => receivedBytes >= 2 ** 28)
  t.equal(sentBytes, 2 ** 28)
})

t.test('a client that leaves before the answer is noticed, and the service told', async (t) => {
  const service = await startRawService(t, () => {})
  const { port, lastRequest } = await startGateway(t, { upstream: service.url })
  for (const leave of ['end', 'resetAndDestroy'] as const) {
    const client = connectRaw(t, port)
    client.send(...upgradeRequest('Upgrade: talk'))
    await until('the service is asked', () => service.connections.some((one) => !one.isClosed))
    client.socket[leave]()
    await until('the service is told', () => service.connections.every((one) => one.isClosed))
  }
  t.match(lastRequest(), { status: 0, aborted: true })
})

t.test('a client that floods before the answer is not kept in memory', async (t) => {
  const service = await startRawService(t, () => {})
  const { port } = await startGateway(t, { upstream: service.url })
  const client = connectRaw(t, port)
  client.send(...upgradeRequest('Upgrade: talk'))
  await until('the service is asked', () => service.connections.length === 1)
  const chunk = Buffer.alloc(2 ** 20)
  let sentBytes = 0
  while (sentBytes < 2 ** 25 && client.socket.write(chunk)) sentBytes += chunk.length
  for (let i = 0; i < 64; i++) client.socket.write(chunk)
  await stillness(() => client.socket.writableLength)
  t.ok(client.socket.writableLength > 2 ** 25, 'it is still with the client')
})

t.test('a large refusal reaches a slow client whole', async (t) => {
  const bytes = 3_000_000
  const service = await startRawService(t, (connection) => {
    if (hasHead(connection))
      connection.socket.write(
        `HTTP/1.1 403 No\r\nContent-Length: ${bytes}\r\n\r\n${'x'.repeat(bytes)}`,
      )
  })
  const { port } = await startGateway(t, { upstream: service.url })
  const client = connectRaw(t, port)
  client.send(...upgradeRequest('Upgrade: talk'))
  const received = await client.untilClosed()
  t.equal(bodyOf({ received }).length, bytes)
})

t.test('a 101 that announces what it cannot have harms nobody', async (t) => {
  for (const fields of ['Transfer-Encoding: chunked\r\nTrailer: X-A', 'Content-Length: 5']) {
    const service = await startRawService(t, (connection) => {
      if (hasHead(connection)) connection.socket.write(SWITCH.replace('X-P: 1', fields))
    })
    const { port } = await startGateway(t, { upstream: service.url })
    const received = await (await open(t, port)).until(/\r\n\r\n/)
    t.notMatch(received, /Transfer|Trailer|Length/)
  }
})

t.test('a server of one’s own carries upgrades through upgradeHandler', async (t) => {
  const service = await startTalkService(t, 'hello')
  const clock = createManualClock()
  const gateway = createGateway({ jwtSecret: SECRET, upstream: service.url }, { clock })
  const server = createServer(gateway.handler).on('upgrade', gateway.upgradeHandler)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(async () => {
    server.close()
    server.closeAllConnections()
    await gateway.close()
  })
  const { port } = server.address() as AddressInfo
  const now = connectRaw(t, port)
  now.send(...upgradeRequest('Upgrade: talk'))
  t.match(await now.until(/hello$/), /^HTTP\/1\.1 101 /)
  now.socket.destroy()
  clock.hurry(t) // some versions of node still wait for the body
  const withBody = connectRaw(t, port)
  withBody.send(
    'POST /healthz HTTP/1.1',
    'Host: a',
    'Connection: upgrade',
    'Upgrade: talk',
    'Content-Length: 60',
    '',
    'GET /v1/proxy/smuggled HTTP/1.1\r\nHost: a\r\n\r\n',
  )
  t.match(await withBody.untilClosed(), /^HTTP\/1\.1 400 [^]*invalid_framing/)
  t.equal(countAnswers(withBody.received), 1)
  const old = connectRaw(t, port)
  old.send(...upgradeRequest('Upgrade: talk').map((line) => line.replace('HTTP/1.1', 'HTTP/1.0')))
  t.match(await old.untilClosed(), /^HTTP\/1\.1 502 /, 'of HTTP/1.0 the field is ignored')
})
