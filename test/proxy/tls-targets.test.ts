// Targets behind TLS, behind a Unix socket, and behind a name.
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TLSSocket } from 'node:tls'
import t from 'tap'
import { WebSocketServer } from 'ws'
import { createGateway } from '../../lib/index.js'
import { bearer, SECRET, startGateway } from '../support/gateways.js'
import { CA, certificateFile } from '../support/certificates.js'
import { startSecure } from '../support/secure-services.js'
import { startService } from '../support/services.js'
import { openWebSocket } from '../support/websockets.js'

const UPSTREAM_TLS = { caFile: certificateFile('ca.pem') }

const ask = async (origin: string, init: RequestInit = {}): Promise<[number, string]> => {
  const response = await fetch(`${origin}/v1/proxy/a`, { ...init, headers: bearer() })
  return [response.status, await response.text()]
}

t.test('a certificate is verified: its authority and its name', async (t) => {
  const good = await startSecure(t, 'localhost')
  const misnamed = await startSecure(t, 'service')
  const unknown = await startGateway(t, { upstream: good.url })
  t.match(await ask(unknown.origin), [502, /upstream_unreachable/])
  t.match(
    unknown.events.find(({ event }) => event === 'upstream_failed'),
    { cause: /UNABLE_TO_VERIFY_LEAF_SIGNATURE|SELF_SIGNED/, phase: 'connecting' },
  )
  const wrong = await startGateway(t, { upstream: misnamed.url, upstreamTls: UPSTREAM_TLS })
  t.match(await ask(wrong.origin), [502, /upstream_unreachable/])
  t.match(
    wrong.events.find(({ event }) => event === 'upstream_failed'),
    { cause: 'ERR_TLS_CERT_ALTNAME_INVALID' },
  )
  t.equal(good.seen.requests + misnamed.seen.requests, 0, 'not a byte of a request was read')
  const right = await startGateway(t, { upstream: good.url, upstreamTls: UPSTREAM_TLS })
  t.same(await ask(right.origin), [200, 'ok'])
  t.same(await ask(right.origin, { method: 'POST', body: 'x'.repeat(100_000) }), [200, 'ok'])
  t.equal(good.seen.connections, 1, 'the connection is kept')
  t.same(good.seen.serverNames, [false], 'an address is no name')
})

for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const)
  t.test(`a connection resumes the session of the one before: ${maxVersion}`, async (t) => {
    const service = await startSecure(t, 'localhost', { maxVersion }, (_, response) => {
      response.writeHead(200, { Connection: 'close' }).end('ok')
    })
    const { origin } = await startGateway(t, { upstream: service.url, upstreamTls: UPSTREAM_TLS })
    for (let i = 0; i < 3; i++) t.same(await ask(origin), [200, 'ok'])
    t.same(service.seen.resumed, [false, true, true])
  })

t.test('the name asked for is the URL’s, or the one that is set', async (t) => {
  const local = await startSecure(t, 'localhost')
  const service = await startSecure(t, 'service')
  const { origin } = await startGateway(t, {
    upstream: local.named,
    upstreamTls: UPSTREAM_TLS,
    routes: [{ path: '/a', upstream: service.url, upstreamTls: { serverName: 'service.example' } }],
  })
  t.same(await ask(origin), [200, 'ok'])
  t.same(service.seen.serverNames, ['service.example'])
  const response = await fetch(`${origin}/v1/proxy/b`, { headers: bearer() })
  t.equal(response.status, 200)
  t.same(local.seen.serverNames, ['localhost'])
})

t.test('a certificate is shown to a service that asks for one', async (t) => {
  const service = await startSecure(
    t,
    'localhost',
    { requestCert: true, rejectUnauthorized: true, ca: CA },
    (request, response) =>
      void response.end((request.socket as TLSSocket).getPeerCertificate().subject.CN),
  )
  const without = await startGateway(t, { upstream: service.url, upstreamTls: UPSTREAM_TLS })
  t.match(await ask(without.origin), [502, /upstream_/])
  const shown = await startGateway(t, {
    upstream: service.url,
    upstreamTls: {
      ...UPSTREAM_TLS,
      certFile: certificateFile('client.pem'),
      keyFile: certificateFile('client.key'),
    },
  })
  t.same(await ask(shown.origin), [200, 'client'])
})

t.test('WebSockets and fail-over go through TLS too', async (t) => {
  const service = await startSecure(t, 'localhost')
  new WebSocketServer({ server: service.server }).on('connection', (socket) => {
    t.teardown(() => socket.terminate())
    socket.on('message', (data) => socket.send(data))
  })
  const { port } = await startGateway(t, { upstream: service.url, upstreamTls: UPSTREAM_TLS })
  const { socket, messages } = await openWebSocket(t, port)
  socket.send('x'.repeat(1_000_000))
  await new Promise((resolve) => socket.once('message', resolve))
  t.equal(messages[0]?.length, 1_000_000)
  const resetting = await startSecure(t, 'localhost', {}, (request) => request.socket.destroy())
  const both = await startGateway(t, {
    upstream: [{ url: resetting.url, weight: 1000 }, service.url],
    upstreamTls: UPSTREAM_TLS,
  })
  for (let i = 0; i < 3; i++) t.same(await ask(both.origin), [200, 'ok'])
  t.ok(resetting.seen.requests > 0)
})

t.test('files that cannot be used are reported at creation', (t) => {
  const rows: Array<[object, string]> = [
    [{ caFile: '/nowhere/ca.pem' }, 'upstreamTls.caFile: cannot be read (ENOENT)'],
    [{ certFile: certificateFile('client.pem') }, 'upstreamTls.certFile: needs keyFile beside it'],
    [
      { certFile: certificateFile('client.pem'), keyFile: certificateFile('service.key') },
      'upstreamTls.keyFile: is not the key of the certificate',
    ],
    [{ caFile: 5 }, 'upstreamTls.caFile: must be the path of a file'],
    [{ caFile: '/dev/null' }, 'upstreamTls.caFile: must hold certificates in PEM'],
    [{ serverName: 'a b' }, 'upstreamTls.serverName: must be a host name'],
    [{ serverName: '127.0.0.1' }, 'upstreamTls.serverName: must be a host name'],
  ]
  for (const [upstreamTls, message] of rows)
    t.throws(
      () => createGateway({ jwtSecret: SECRET, upstream: 'https://a', upstreamTls } as never),
      { name: 'ConfigError', message },
    )
  t.throws(
    () =>
      createGateway({
        jwtSecret: SECRET,
        routes: [{ path: '/a', upstream: 'https://a', upstreamTls: { caFile: '/nowhere' } }],
      }),
    { message: 'routes.0.upstreamTls.caFile: cannot be read (ENOENT)' },
  )
  t.end()
})

t.test('a target may be a Unix socket', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'gateway-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'service.sock')
  const server = createServer((request, response) => {
    response.end(`${request.method} ${request.url} ${request.headers.host}`)
  })
  const { origin, port, events } = await startGateway(t, { upstream: `unix:${path}` })
  t.match(await ask(origin), [502, /upstream_unreachable/])
  t.match(
    events.find(({ event }) => event === 'upstream_failed'),
    { cause: 'ENOENT', target: `unix:${path}` },
  )
  new WebSocketServer({ server }).on('connection', (socket) => {
    t.teardown(() => socket.terminate())
    socket.send('hello')
  })
  server.listen(path)
  await once(server, 'listening')
  t.teardown(() => {
    server.close()
    server.closeAllConnections()
  })
  t.same(await ask(origin), [200, 'GET /a localhost'])
  t.same(await ask(origin, { method: 'PUT', body: 'x' }), [200, 'PUT /a localhost'])
  const { messages, socket } = await openWebSocket(t, port)
  if (messages.length === 0) await once(socket, 'message')
  t.equal(messages[0], 'hello')
})

t.test('a name is resolved for each connection, and every address tried', async (t) => {
  const service = await startService(t)
  const asked: string[] = []
  let addresses = [
    { address: '127.0.0.2', family: 4 }, // nothing listens there
    { address: '127.0.0.1', family: 4 },
  ]
  const { origin } = await startGateway(
    t,
    { upstream: `http://service.example:${service.port}` },
    {
      resolve: (hostname, _options, callback) => {
        asked.push(hostname)
        process.nextTick(callback, null, addresses)
      },
    },
  )
  t.same(await ask(origin), [200, 'ok'])
  t.equal(service.requests[0]?.headers.host, `service.example:${service.port}`)
  addresses = [{ address: '127.0.0.3', family: 4 }]
  t.same(await ask(origin), [200, 'ok'], 'the kept connection serves on')
  t.same(asked, ['service.example'])
})
