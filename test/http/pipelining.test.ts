import t from 'tap'
import { bearer, startGateway } from '../support/gateways.js'
import { countAnswers, connectRaw, exchangeRaw } from '../support/raw-client.js'
import { startRawService, startService } from '../support/services.js'
import { until } from '../support/until.js'

const AUTHORIZATION = `Authorization: ${bearer().Authorization}`
const HEALTH = ['GET /healthz HTTP/1.1', 'Host: a', '', ''].join('\r\n')
const get = (path: string): string =>
  [`GET /v1/proxy${path} HTTP/1.1`, 'Host: a', AUTHORIZATION, '', ''].join('\r\n')

t.test(
  'pipelined requests reach the service one after another, and answers keep their order',
  async (t) => {
    let open = 0
    let most = 0
    const service = await startService(t, ({ url }, response) => {
      most = Math.max(most, ++open)
      setImmediate(() => {
        open--
        response.end(`<${url}>`)
      })
    })
    const { port } = await startGateway(t, { upstream: service.url })
    const client = connectRaw(t, port)
    client.send(get('/1') + get('/2') + HEALTH + get('/3'))
    const answers = await client.until(/<\/3>/)
    t.match(answers, /<\/1>[^]*<\/2>[^]*"ok"[^]*<\/3>/)
    t.equal(most, 1)
  },
)

t.test('a client with too many requests waiting is cut off', async (t) => {
  const service = await startService(t, () => {}) // never answers
  const { port } = await startGateway(t, {
    upstream: service.url,
    limits: { pipelinedRequests: 2 },
  })
  const client = connectRaw(t, port)
  client.send(get('/1') + HEALTH + HEALTH)
  await until('the service is asked', () => service.requests.length === 1)
  t.equal(client.isClosed, false)
  client.send(HEALTH)
  t.equal(await client.untilClosed(), '')
})

t.test('nothing is run behind an answer that closes the connection', async (t) => {
  const service = await startService(t)
  const { port, events } = await startGateway(t, { upstream: service.url })
  const closing = [
    ['GET /healthz HTTP/1.1', 'Host: a', 'Host: b', '', ''], // its framing is not known
    ['POST /v1/nowhere HTTP/1.1', 'Host: a', 'Content-Length: 70000', '', 'x'.repeat(70_000)],
    ['GET /healthz HTTP/1.0', '', ''],
  ]
  for (const lines of closing) {
    const answer = await exchangeRaw(t, port, lines.join('\r\n') + get('/behind'))
    t.equal(countAnswers(answer), 1, lines.join('|').slice(0, 60))
  }
  await until('all is logged', () => events.filter(({ event }) => event === 'request').length >= 3)
  t.same(service.requests, [])
})

t.test(
  'what comes behind a request with Upgrade is neither lost in part nor run in part',
  async (t) => {
    const service = await startService(t)
    const { port } = await startGateway(t, { upstream: service.url })
    const upgrades = [
      'Connection: Upgrade, HTTP2-Settings',
      'Upgrade: h2c',
      'HTTP2-Settings: AAMAAABk',
    ]
    const client = connectRaw(t, port)
    const lines = ['GET /v1/proxy/first HTTP/1.1', 'Host: a', AUTHORIZATION, ...upgrades, '']
    client.send(...lines, 'POST /healthz HTTP/1.1', 'Host: a', 'Content-Length: 300', '', '')
    client.send(get('/inner').padEnd(300))
    t.match(await client.untilClosed(), /^HTTP\/1\.1 200 [^]*\r\nConnection: close\r\n[^]*ok$/)
    t.same(
      service.requests.map(({ url }) => url),
      ['/first'],
    )
  },
)

t.test('a body that nobody read is not read as the next request', async (t) => {
  const { port } = await startGateway(t)
  const smuggled = HEALTH
  const rows: Array<[string, string[]]> = [
    ['POST /nowhere', [`Content-Length: ${smuggled.length}`, '', smuggled]],
    ['DELETE /healthz', [`Content-Length: ${smuggled.length}`, '', smuggled]],
    ['PUT /v1/proxy/a', [`Content-Length: ${smuggled.length}`, '', smuggled]],
    ['POST /v1/auth/login', [`Content-Length: ${smuggled.length}`, '', smuggled]],
    [
      'POST /nowhere',
      [
        'Transfer-Encoding: chunked',
        '',
        `${smuggled.length.toString(16)}\r\n${smuggled}\r\n0`,
        '',
        '',
      ],
    ],
  ]
  for (const [line, rest] of rows) {
    const client = connectRaw(t, port)
    client.send(`${line} HTTP/1.1`, 'Host: a', ...rest)
    await client.until(/^HTTP\/1\.1 4\d\d /)
    client.send('GET /readyz HTTP/1.1', 'Host: a', 'Connection: close', '', '')
    const answers = await client.untilClosed()
    t.notMatch(answers, /"status":"ok"/, line)
  }
})

t.test('a short body behind a refusal is taken, and the connection kept', async (t) => {
  const { port } = await startGateway(t)
  const client = connectRaw(t, port)
  client.send('POST /nowhere HTTP/1.1', 'Host: a', 'Content-Length: 5', '', 'ab')
  await client.until(/ 404 /)
  client.send(`cde${HEALTH}`)
  await client.until(/ 404 [^]*"status":"ok"/)
})

t.test('a short body that breaks off behind a refusal has its answer already', async (t) => {
  const { port, events } = await startGateway(t)
  for (const early of ['', 'ab']) {
    const client = connectRaw(t, port)
    client.send('POST /healthz HTTP/1.1', 'Host: a', 'Content-Length: 5', '', early)
    await client.until(/ 405 [^]*}$/)
    client.socket.end()
    t.equal(countAnswers(await client.untilClosed()), 1)
  }
  t.notOk(events.some(({ event }) => event === 'connection_refused'))
})

t.test('a short body that never comes is waited for in vain, not for ever', async (t) => {
  const { port, clock } = await startGateway(t)
  const client = connectRaw(t, port)
  client.send('POST /nowhere HTTP/1.1', 'Host: a', 'Content-Length: 5', '', 'ab')
  await client.until(/ 404 /)
  t.equal(client.isClosed, false)
  clock.hurry(t)
  await client.untilClosed()
})

t.test(
  'an endless body behind a refusal: the answer arrives, then the connection ends',
  async (t) => {
    const { port, clock } = await startGateway(t)
    const endless = connectRaw(t, port)
    endless.send('POST /nowhere HTTP/1.1', 'Host: a', 'Transfer-Encoding: chunked', '', '')
    const answer = await endless.until(/"code":"not_found"/)
    t.match(answer, /\r\nConnection: close\r\n/)
    const pour = setInterval(() => endless.socket.write(`8000\r\n${'x'.repeat(0x8000)}\r\n`), 1)
    t.teardown(() => clearInterval(pour))
    await endless.untilClosed()
    clearInterval(pour)
    const silent = connectRaw(t, port)
    silent.send('POST /nowhere HTTP/1.1', 'Host: a', 'Transfer-Encoding: chunked', '', '')
    await silent.until(/"code":"not_found"/)
    clock.hurry(t)
    await silent.untilClosed()
  },
)

t.test(
  'the answer to HEAD with a body that nobody reads is its header section, at once',
  async (t) => {
    const { port } = await startGateway(t)
    const client = connectRaw(t, port)
    client.send('HEAD /nowhere HTTP/1.1', 'Host: a', 'Transfer-Encoding: chunked', '', '')
    t.match(await client.until(/\r\n\r\n$/), /^HTTP\/1\.1 404 [^]*\r\nContent-Length: \d+\r\n/)
  },
)

t.test('a refused upload that waits for 100 Continue is never asked to continue', async (t) => {
  const { port } = await startGateway(t)
  const refused = await exchangeRaw(
    t,
    port,
    'POST /v1/proxy/a HTTP/1.1',
    'Host: a',
    'Expect: 100-continue',
    'Content-Length: 5',
    '',
    '',
  )
  t.match(refused, /^HTTP\/1\.1 401 [^]*\r\nConnection: close\r\n/)
})

t.test(
  'a client that does not read its answer does not hold its connection for ever',
  async (t) => {
    const size = 40_000_000
    const service = await startRawService(t, ({ socket }) => {
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`)
      socket.write('x'.repeat(size))
    })
    const { port, clock, lastRequest } = await startGateway(t, { upstream: service.url })
    const client = connectRaw(t, port)
    client.socket.pause()
    client.send(get('/'))
    await until('the service is asked', () => service.connections.length === 1)
    clock.hurry(t)
    await until('it is cut', () => lastRequest()?.aborted === true)
  },
)
