// What looks like an upgrade, and is none.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { startGateway } from '../support/gateways.js'
import { connectRaw, countAnswers } from '../support/raw-client.js'
import { startRawService, startService } from '../support/services.js'
import { AUTHORIZATION, hasHead, SWITCH, upgradeRequest } from '../support/raw-requests.js'
import { until } from '../support/until.js'

t.test('h2c is not offered on, and the request is answered as it is', async (t) => {
  const service = await startService(t)
  const { port } = await startGateway(t, { upstream: service.url })
  const client = connectRaw(t, port)
  client.send(
    'POST /v1/proxy/a HTTP/1.1',
    'Host: a',
    AUTHORIZATION,
    'Connection: Upgrade, HTTP2-Settings',
    'Upgrade: h2c',
    'HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA',
    'Content-Length: 4',
    '',
    'body',
  )
  t.match(await client.untilClosed(), /^HTTP\/1\.1 200 OK\r\n/)
  const [received] = service.requests
  t.equal(received?.body, 'body')
  t.notMatch(received?.rawHeaders.join().toLowerCase(), /upgrade|http2|h2c/)
  const both = connectRaw(t, port)
  both.send(...upgradeRequest('Upgrade: h2c, talk'))
  t.match(await both.untilClosed(), /^HTTP\/1\.1 200 OK\r\n/)
  t.equal(service.requests[1]?.headers.upgrade, 'talk', 'others beside it are')
})

t.test('a request with a body keeps its framing, and is no upgrade', async (t) => {
  const service = await startService(t)
  const { port } = await startGateway(t, { upstream: service.url })
  for (const body of [
    ['Content-Length: 4', '', 'body'],
    ['Transfer-Encoding: chunked', '', '4', 'body', '0', '', ''],
  ]) {
    const client = connectRaw(t, port)
    client.send(
      'POST /v1/proxy/a HTTP/1.1',
      'Host: a',
      AUTHORIZATION,
      'Connection: upgrade',
      'Upgrade: talk',
      ...body,
    )
    t.match(await client.untilClosed(), /^HTTP\/1\.1 200 OK\r\n/)
    t.match(service.requests.at(-1), { body: 'body', method: 'POST' })
    t.equal(service.requests.at(-1)?.headers.upgrade, undefined)
  }
})

t.test('an upgrade behind an answer that is owed is read as a plain request', async (t) => {
  const service = await startService(t)
  const { port } = await startGateway(t, { upstream: service.url })
  const client = connectRaw(t, port)
  client.send(
    'GET /v1/proxy/first HTTP/1.1',
    'Host: a',
    AUTHORIZATION,
    '',
    ...upgradeRequest('Upgrade: talk'),
  )
  const received = await client.untilClosed()
  t.equal(countAnswers(received), 2)
  t.same(
    service.requests.map(({ url, headers }) => [url, headers.upgrade]),
    [
      ['/first', undefined],
      ['/a', undefined],
    ],
  )
})

t.test('elsewhere than on the proxied path an upgrade is a plain request', async (t) => {
  const { port } = await startGateway(t)
  for (const [line, status] of [
    ['GET /healthz HTTP/1.1', 200],
    ['GET /nowhere HTTP/1.1', 404],
    ['GET /v1/auth/login HTTP/1.1', 405],
    ['GET /v1/proxy/../a HTTP/1.1', 400],
  ] as const) {
    const client = connectRaw(t, port)
    client.send(line, ...upgradeRequest('Upgrade: talk').slice(1))
    t.match(await client.untilClosed(), new RegExp(`^HTTP/1\\.1 ${status} [^]*\\r\\n\\r\\n{`), line)
  }
})

t.test('a service that switches to what nobody offered is not believed', async (t) => {
  const service = await startRawService(t, (connection) => {
    if (hasHead(connection))
      connection.socket.write(SWITCH.replace('Upgrade: talk', 'Upgrade: other'))
  })
  const { port, events } = await startGateway(t, { upstream: service.url })
  const client = connectRaw(t, port)
  client.send(...upgradeRequest('Upgrade: talk'))
  t.match(await client.untilClosed(), /^HTTP\/1\.1 502 /)
  t.match(
    events.find(({ event }) => event === 'upstream_failed'),
    { cause: 'unexpected_upgrade', target: service.url },
  )
  await until('the service is let go', () => service.connections[0]?.isClosed === true)
})

t.test(
  'on a server of one’s own an upgrade behind an answer that is owed ends the connection',
  async (t) => {
    const service = await startRawService(t, () => {})
    const { gateway } = await startGateway(t, { upstream: service.url })
    const server = createServer(gateway.handler).on('upgrade', gateway.upgradeHandler)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    t.teardown(() => {
      server.close()
      server.closeAllConnections()
    })
    const client = connectRaw(t, (server.address() as AddressInfo).port)
    client.send(
      'GET /v1/proxy/first HTTP/1.1',
      'Host: a',
      AUTHORIZATION,
      '',
      ...upgradeRequest('Upgrade: talk'),
    )
    t.equal(await client.untilClosed(), '')
    await until('the service is let go', () =>
      service.connections.every(({ isClosed }) => isClosed),
    )
  },
)
