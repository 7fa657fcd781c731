// Services and clients that do what they should not, or only just may.
import { createServer } from 'node:http'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { bearer, startGateway } from '../support/gateways.js'
import { connectRaw, exchangeRaw } from '../support/raw-client.js'
import { startRawService, startService, OK_EMPTY } from '../support/services.js'
import { until } from '../support/until.js'

const AUTHORIZATION = `Authorization: ${bearer().Authorization}`
const get = (version = '1.1', method = 'GET'): string =>
  [`${method} /v1/proxy/a HTTP/${version}`, 'Host: a', AUTHORIZATION, '', ''].join('\r\n')

t.test('bytes behind a whole answer do not lose the answer', async (t) => {
  let answer = ''
  const service = await startRawService(t, ({ socket }) => void socket.write(answer))
  const { port } = await startGateway(t, { upstream: service.url })
  const rows: Array<[string, string, RegExp]> = [
    ['HEAD', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok', /^HTTP\/1\.1 200 [^]*\r\n\r\n$/],
    ['GET', 'HTTP/1.1 204 No Content\r\n\r\nok', /^HTTP\/1\.1 204 [^]*\r\n\r\n$/],
    ['GET', 'HTTP/1.1 304 Not Modified\r\n\r\nok', /^HTTP\/1\.1 304 [^]*\r\n\r\n$/],
    ['GET', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokEXCESS', /\r\n\r\nok$/],
  ]
  for (const [method, given, expected] of rows) {
    answer = given
    const client = connectRaw(t, port)
    client.send(get('1.1', method))
    t.match(await client.until(/\r\n\r\n/), expected, given)
  }
  t.equal(service.connections.length, rows.length, 'such a connection is not used again')
})

t.test('bytes on an idle connection are never the answer to the next request', async (t) => {
  const evil = 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nEVIL'
  const service = await startRawService(t, ({ socket }) => void socket.write(OK_EMPTY))
  const { port } = await startGateway(t, { upstream: service.url })
  const client = connectRaw(t, port)
  client.send(get())
  await client.until(/ 200 /)
  service.connections[0]?.socket.write(evil)
  await until('it is let go', () => service.connections[0]?.isClosed === true)
  client.send(get())
  await until('a second answer', () => client.received.split(' 200 OK').length === 3)
  t.notMatch(client.received, /EVIL/)
  t.equal(service.connections.length, 2)
})

t.test('a connection that stays quiet is used again', async (t) => {
  const service = await startRawService(t, ({ socket }) => void socket.write(OK_EMPTY))
  const { port } = await startGateway(t, { upstream: service.url })
  const client = connectRaw(t, port)
  for (let count = 1; count <= 5; count++) {
    client.send(get())
    await until('an answer', () => client.received.split(' 200 OK').length === count + 1)
  }
  t.equal(service.connections.length, 1)
})

t.test(
  'an HTTP/1.0 client that says goodbye mid-answer is not told that it was whole',
  async (t) => {
    const service = await startRawService(t, ({ socket }) => {
      socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n')
    })
    const { port } = await startGateway(t, { upstream: service.url })
    const client = connectRaw(t, port)
    client.send(get('1.0'))
    await client.until(/half$/)
    client.socket.end()
    await until('it is reset', () => client.isReset)
    await until('the service is let go', () => service.connections[0]?.isClosed === true)
    t.pass()
  },
)

t.test(
  'a truncated answer behind a Unix socket ends the connection, not the process',
  async (t) => {
    const service = await startRawService(t, ({ socket }) => {
      socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n')
    })
    const { gateway, lastRequest } = await startGateway(t, { upstream: service.url })
    const folder = mkdtempSync(join(tmpdir(), 'gateway-'))
    const path = join(folder, 'gateway.sock')
    const own = createServer(gateway.handler).listen(path)
    await once(own, 'listening')
    t.teardown(() => {
      own.close()
      rmSync(folder, { recursive: true })
    })
    const client = connect(path)
    t.teardown(() => void client.destroy())
    client.write(get('1.0'))
    await once(client, 'data')
    client.resume()
    service.connections[0]?.socket.resetAndDestroy()
    await once(client, 'close')
    await until('it is logged', () => lastRequest() !== undefined)
    t.match(lastRequest(), { aborted: true, reason: 'upstream_failed' })
  },
)

t.test('a client may send bytes behind its last request without losing the answer', async (t) => {
  let answer = (): void => {}
  const service = await startService(t, (_, response) => {
    answer = () => void response.end('answered')
  })
  const { port } = await startGateway(t, { upstream: service.url })
  const client = connectRaw(t, port)
  client.send(get().replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n') + 'x')
  await until('the service is asked', () => service.requests.length === 1)
  client.send('yz')
  answer()
  t.match(await client.untilClosed(), /answered/)
})

t.test('CONNECT and then a reset ends the connection, not the process', async (t) => {
  const { port, origin } = await startGateway(t)
  for (let tries = 0; tries < 50; tries++) {
    const client = connectRaw(t, port)
    await once(client.socket, 'connect')
    client.send('CONNECT g:80 HTTP/1.1', 'Host: g', '', '')
    client.socket.resetAndDestroy()
  }
  t.equal((await fetch(`${origin}/healthz`)).status, 200)
})

t.test('fields that a program in front has set do not fold the answer’s own', async (t) => {
  const service = await startRawService(t, ({ socket }) => {
    const lines = [
      'Set-Cookie: a=1',
      'Set-Cookie: b=2',
      'X-Frame-Options: DENY',
      'Content-Length: 0',
    ]
    socket.end(['HTTP/1.1 200 OK', ...lines, '', ''].join('\r\n'))
  })
  const { gateway } = await startGateway(t, { upstream: service.url })
  const own = createServer((request, response) => {
    response.setHeader('Set-Cookie', 'c=3')
    response.setHeader('X-Own', 'kept')
    gateway.handler(request, response)
  }).listen(0, '127.0.0.1')
  await once(own, 'listening')
  t.teardown(() => void own.close())
  const { port } = own.address() as AddressInfo
  const answer = await exchangeRaw(
    t,
    port,
    get().replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n'),
  )
  t.match(answer, /Set-Cookie: a=1\r\nSet-Cookie: b=2\r\n/)
  t.match(answer, /X-Own: kept\r\n/)
  t.notMatch(answer, /c=3/)
  t.match(
    await exchangeRaw(t, port, 'GET / HTTP/1.1', 'Host: a', 'Connection: close', '', ''),
    / 404 [^]*X-Own: kept/,
  )
})

t.test('a slow but steady reader is never cut', async (t) => {
  const size = 30_000_000
  const service = await startRawService(t, ({ socket }) => {
    socket.end(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n${'x'.repeat(size)}`)
  })
  const { port, clock } = await startGateway(t, { upstream: service.url })
  const client = connectRaw(t, port)
  client.socket.pause()
  client.send(get())
  let readBytes = 0
  const read = (bytes: number) => () => {
    readBytes += (client.socket.read() as string | null)?.length ?? 0
    return readBytes >= bytes
  }
  // The system tells of what a reader takes only about once a megabyte.
  for (let round = 1; round <= 8; round++) {
    await until('half a megabyte', read(round * 500_000))
    await passTime(31_000)
  }
  client.socket.resume()
  await until('all of it', () => client.socket.bytesRead > size)
  t.pass()

  /** Lets time pass, and waits until what was due is done: the witness's body is late after 10 s. */
  async function passTime(ms: number): Promise<void> {
    const witness = connectRaw(t, port)
    const lines = ['Expect: 100-continue', 'Content-Type: application/json', 'Content-Length: 9']
    witness.send('POST /v1/auth/login HTTP/1.1', 'Host: a', ...lines, '', '')
    await witness.until(/ 100 Continue/)
    clock.advance(ms)
    await witness.until(/ 408 /)
  }
})

t.test(
  'a reader that takes nothing is cut, and that is not the fault of the service',
  async (t) => {
    const size = 30_000_000
    const service = await startRawService(t, ({ socket }) => {
      socket.end(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n${'x'.repeat(size)}`)
    })
    const { port, clock, lastRequest, events } = await startGateway(t, { upstream: service.url })
    const stuck = connectRaw(t, port)
    stuck.socket.pause()
    stuck.send(get())
    await until('the service is asked', () => service.connections.length === 1)
    clock.hurry(t)
    await until('it is cut', () => lastRequest()?.aborted === true)
    t.match(lastRequest(), { reason: 'request_timeout' }, 'and that was not the service')
    t.notOk(events.some(({ event }) => event === 'upstream_failed'))
  },
)
