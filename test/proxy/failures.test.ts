import t from 'tap'
import { bearer, NOWHERE, startGateway } from '../support/gateways.js'
import { connectRaw, exchangeRaw } from '../support/raw-client.js'
import { startHttpService, startRawService, OK_EMPTY } from '../support/services.js'
import { until } from '../support/until.js'

const AUTHORIZATION = `Authorization: ${bearer().Authorization}`
const get = (version = '1.1'): string[] => [
  `GET /v1/proxy/a HTTP/${version}`,
  'Host: a',
  AUTHORIZATION,
  '',
  '',
]

t.test('each failure of the service has its status, and its cause is logged', async (t) => {
  let answer: string | undefined
  const service = await startRawService(t, ({ socket }) => {
    if (answer === undefined) socket.resetAndDestroy()
    else socket.end(answer)
  })
  const running = await startGateway(t, { upstream: service.url })
  const nowhere = await startGateway(t, { upstream: NOWHERE })
  const unresolved = await startGateway(t, { upstream: 'http://nowhere.invalid' })
  const rows: Array<[string, typeof running, string | undefined, number, string, object]> = [
    [
      'refused',
      nowhere,
      '',
      502,
      'upstream_unreachable',
      { phase: 'connecting', cause: 'ECONNREFUSED' },
    ],
    ['no such name', unresolved, '', 502, 'upstream_unreachable', { phase: 'connecting' }],
    [
      'reset',
      running,
      undefined,
      502,
      'upstream_failed',
      { phase: 'waiting', cause: 'ECONNRESET' },
    ],
    ['closed', running, '', 502, 'upstream_failed', { phase: 'waiting', cause: 'ECONNRESET' }],
    ['no HTTP', running, 'SSH-2.0-OpenSSH\r\n', 502, 'upstream_failed', { cause: /^HPE_/ }],
    ['half a header section', running, 'HTTP/1.1 200 OK\r\nX:', 502, 'upstream_failed', {}],
    [
      'headers without end',
      running,
      `HTTP/1.1 200 OK\r\nX: ${'y'.repeat(70_000)}`,
      502,
      'upstream_failed',
      { cause: 'HPE_HEADER_OVERFLOW' },
    ],
    [
      'two framings',
      running,
      `HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
      502,
      'upstream_failed',
      {},
    ],
    [
      'a switch to nothing',
      running,
      'HTTP/1.1 101 Switching\r\n\r\n',
      502,
      'upstream_failed',
      { cause: 'unexpected_upgrade' },
    ],
    [
      'a coding that cannot be undone',
      running,
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n',
      502,
      'upstream_failed',
      { cause: 'unknown_transfer_coding' },
    ],
    [
      'an upgrade unasked for',
      running,
      'HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n',
      502,
      'upstream_failed',
      { cause: 'unexpected_upgrade' },
    ],
    [
      'a reason that cannot be written',
      running,
      'HTTP/1.1 200 \x01\r\nContent-Length: 0\r\n\r\n',
      502,
      'upstream_failed',
      {},
    ],
  ]
  for (const [what, { port, events }, given, status, code, event] of rows) {
    answer = given
    events.splice(0)
    const client = connectRaw(t, port)
    client.send(...get())
    t.ok(await client.until(new RegExp(`^HTTP/1.1 ${status} [^]*"code":"${code}"`)), what)
    t.match(
      events.find(({ event }) => event === 'upstream_failed'),
      event,
      what,
    )
    client.socket.destroy()
  }
})

t.test('a service that accepts and stays silent is given up: 504', async (t) => {
  const service = await startRawService(t, () => {})
  const { port, clock } = await startGateway(t, { upstream: service.url })
  const client = connectRaw(t, port)
  client.send(...get())
  await until('the service is asked', () => service.connections.length === 1)
  clock.advance(29_999)
  t.equal(client.received, '')
  clock.advance(1)
  await client.until(/^HTTP\/1\.1 504 [^]*"code":"upstream_timeout"/)
  await until('the service is let go', () => service.connections[0]?.isClosed === true)
})

t.test('an answer that stands still is cut, a slow but steady one never', async (t) => {
  const service = await startHttpService(t, (_, response) => {
    response.writeHead(200).write('<start>')
    feed = () => void response.write('.')
  })
  let feed = (): void => {}
  const { port, clock, lastRequest } = await startGateway(t, { upstream: service.url })
  const client = connectRaw(t, port)
  client.send(...get())
  await client.until(/<start>/)
  for (let count = 1; count <= 5; count++) {
    clock.advance(29_000)
    feed()
    await until('a dot', () => client.received.split('.\r\n').length > count)
  }
  t.equal(client.isClosed, false)
  clock.hurry(t)
  t.notMatch(await client.untilClosed(), /\r\n0\r\n\r\n$/, 'it does not look whole')
  await until('it is logged', () => lastRequest() !== undefined)
  t.match(lastRequest(), { aborted: true, status: 200, reason: 'upstream_timeout' })
})

t.test('an upload that stands still is given up as the client’s fault: 408', async (t) => {
  const service = await startRawService(t, () => {})
  const { port, clock } = await startGateway(t, { upstream: service.url })
  const client = connectRaw(t, port)
  client.send('PUT /v1/proxy/a HTTP/1.1', 'Host: a', AUTHORIZATION, 'Content-Length: 9', '', 'x')
  for (const text of ['y', 'z', '']) {
    await until('it arrives', () => /x(yz?)?$/.test(service.connections[0]?.received ?? ''))
    clock.advance(20_000)
    client.send(text)
  }
  clock.hurry(t)
  await client.until(/^HTTP\/1\.1 408 [^]*"code":"request_timeout"/)
  await until('the service is let go', () => service.connections[0]?.isClosed === true)
  t.notMatch(service.connections[0]?.received, /xyz.{6}/)
})

t.test('a service that does not read an upload is given up as its own fault: 504', async (t) => {
  const service = await startRawService(t, ({ socket }) => void socket.pause())
  const { port, clock } = await startGateway(t, { upstream: service.url })
  const client = connectRaw(t, port)
  client.send(
    'PUT /v1/proxy/a HTTP/1.1',
    'Host: a',
    AUTHORIZATION,
    'Content-Length: 100000000',
    '',
    '',
  )
  client.socket.write(Buffer.alloc(100_000_000))
  await until('the service is asked', () => service.connections.length === 1)
  clock.hurry(t)
  await client.until(/^HTTP\/1\.1 504 /)
})

t.test('a service that dies after its headers: the answer never looks whole', async (t) => {
  const framings = [
    'Content-Length: 10\r\n\r\nhalf',
    'Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n',
  ]
  let answer = ''
  const service = await startRawService(t, ({ socket }) => void socket.write(answer))
  const { port } = await startGateway(t, { upstream: service.url })
  for (const framing of framings)
    for (const version of ['1.1', '1.0']) {
      answer = `HTTP/1.1 200 OK\r\n${framing}`
      const client = connectRaw(t, port)
      client.send(...get(version))
      await client.until(/half/)
      service.connections.at(-1)?.socket.resetAndDestroy()
      const received = await client.untilClosed()
      const isFramed = /Content-Length: 10|chunked/.test(received)
      t.ok(isFramed || client.isReset, `${version}: only a reset can tell where nothing frames`)
      t.notMatch(received, /\r\n0\r\n\r\n$/)
    }
})

t.test('a kept connection that died while idle is not the client’s problem', async (t) => {
  let isBroken = true
  const service = await startRawService(t, ({ socket, received }) => {
    const count = received.split('\r\n\r\n').length - 1
    if (count === 1 || !isBroken) socket.write(OK_EMPTY)
    else socket.resetAndDestroy()
  })
  const { port } = await startGateway(t, { upstream: service.url })
  const send = async (method: string, ...lines: string[]): Promise<string> =>
    exchangeRaw(
      t,
      port,
      `${method} /v1/proxy/a HTTP/1.1`,
      'Host: a',
      AUTHORIZATION,
      'Connection: close',
      ...(lines.length ? lines : ['', '']),
    )
  for (const method of ['GET', 'HEAD', 'OPTIONS', 'DELETE', 'PUT']) {
    await send('GET') // leaves a kept connection that dies at its second request
    t.match(
      await send(method),
      /^HTTP\/1\.1 200 /,
      `${method} is sent again, on a fresh connection`,
    )
  }
  for (const [method, ...lines] of [
    ['POST'],
    ['PATCH'],
    ['PUT', 'Content-Length: 1', '', 'x'],
  ] as const) {
    await send('GET')
    t.match(await send(method, ...lines), /^HTTP\/1\.1 502 /, `${method} is never sent twice`)
  }
  isBroken = false
})

t.test('what fails on a fresh connection, or after a first byte, is not sent again', async (t) => {
  const service = await startRawService(t, ({ socket, received }) => {
    const count = received.split('\r\n\r\n').length - 1
    if (count === 1) socket.write(OK_EMPTY)
    else socket.end('HTTP/1.1 2')
  })
  const { port } = await startGateway(t, { upstream: service.url })
  const close = [...get().slice(0, -2), 'Connection: close', '', '']
  t.match(await exchangeRaw(t, port, ...close), /^HTTP\/1\.1 200 /)
  t.match(await exchangeRaw(t, port, ...close), /^HTTP\/1\.1 502 /)
  t.equal(service.connections.length, 1)
  const dead = await startRawService(t, ({ socket }) => void socket.resetAndDestroy())
  const other = await startGateway(t, { upstream: dead.url })
  t.match(await exchangeRaw(t, other.port, ...close), /^HTTP\/1\.1 502 /)
  t.equal(dead.connections.length, 1)
})

t.test('a service whose connection takes too long is given up: 504', async (t) => {
  // A listening socket whose queue is full answers no SYN; one that is gone is the same to a clock.
  const { port, clock, events } = await startGateway(t, { upstream: 'http://192.0.2.1' })
  const client = connectRaw(t, port)
  client.send(...get())
  const hurry = setInterval(() => clock.advance(1_000), 10)
  t.teardown(() => clearInterval(hurry))
  await client.until(/^HTTP\/1\.1 50[24] /)
  t.match(
    events.find(({ event }) => event === 'upstream_failed'),
    { phase: 'connecting' },
  )
})
