import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'
import { connect as connectTcp } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, type TLSSocket } from 'node:tls'
import t, { type Test } from 'tap'
import { WebSocket } from 'ws'
import { createGateway } from '../../lib/index.js'
import { CA, certificateFile, LOCALHOST_FILES } from '../support/certificates.js'
import { bearer, NOWHERE, SECRET, startGateway } from '../support/gateways.js'
import { startRawService, startService } from '../support/services.js'
import { wake } from '../support/ticks.js'
import { until } from '../support/until.js'
import { startWebSocketService } from '../support/websockets.js'

const ask = async (port: number, path: string): Promise<[number, string]> => {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    request({ port, path, ca: CA, host: '127.0.0.1', headers: bearer(), agent: false }, resolve)
      .on('error', reject)
      .end()
  })
  let body = ''
  for await (const chunk of response) body += String(chunk)
  return [response.statusCode ?? 0, body]
}

const shake = (t: Test, port: number): TLSSocket => {
  const socket = connect({ port, host: '127.0.0.1', ca: CA, ALPNProtocols: ['h2', 'http/1.1'] })
  t.teardown(() => void socket.destroy())
  return socket.on('error', () => {})
}

const nameShown = async (t: Test, port: number): Promise<unknown> => {
  const socket = shake(t, port)
  await until('hands are shaken', () => socket.authorized)
  return socket.getPeerCertificate().subject.CN
}

t.test('it speaks HTTPS, and the service is told so', async (t) => {
  const service = await startService(t)
  const { port } = await startGateway(t, { upstream: service.url, tls: LOCALHOST_FILES })
  t.same(await ask(port, '/v1/proxy/a'), [200, 'ok'])
  t.equal(service.requests[0]?.headers['x-forwarded-proto'], 'https')
  t.match(await ask(port, '/healthz'), [200, /ok/])
  const socket = shake(t, port)
  await until('hands are shaken', () => socket.authorized)
  t.equal(socket.alpnProtocol, 'http/1.1')
})

t.test('a WebSocket through it', async (t) => {
  const service = await startWebSocketService(t)
  const { port } = await startGateway(t, { upstream: service.url, tls: LOCALHOST_FILES })
  const url = `wss://127.0.0.1:${port}/v1/proxy/`
  const socket = new WebSocket(url, { ca: CA, headers: bearer() })
  t.teardown(() => socket.terminate())
  const echoed = new Promise((resolve) =>
    socket.once('message', (data: Buffer) => resolve(data.toString())),
  )
  socket.once('open', () => socket.send('hello'))
  t.equal(await echoed, 'hello')
  const closed = new Promise((resolve) => socket.once('close', resolve))
  socket.close(4001)
  t.equal(await closed, 4001)
})

t.test('plain HTTP on its port is refused, and does no harm', async (t) => {
  const { port, events } = await startGateway(t, { tls: LOCALHOST_FILES })
  const socket = connectTcp(port, '127.0.0.1')
  let isClosed = false
  socket.on('error', () => {}).on('close', () => (isClosed = true))
  socket.resume().write('GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n')
  await until('it is closed', () => isClosed)
  t.match(
    events.find(({ event }) => event === 'connection_refused'),
    { status: 0, cause: /^ERR_SSL/ },
  )
  t.match(await ask(port, '/healthz'), [200, /ok/])
})

t.test('a new certificate is taken without a restart, and a faulty one is not', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'gateway-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const tls = { certFile: join(folder, 'a.pem'), keyFile: join(folder, 'a.key') }
  const put = (name: string): void => {
    copyFileSync(certificateFile(`${name}.pem`), tls.certFile)
    copyFileSync(certificateFile(`${name}.key`), tls.keyFile)
  }
  put('localhost')
  const { gateway, port, clock, events } = await startGateway(t, { tls, filesCheckMs: 1_000 })
  const count = (name: string): number => events.filter(({ event }) => event === name).length
  const look = (): Promise<void> => wake(clock, 1_000, 2) // samples of overload sleep too
  t.equal(await nameShown(t, port), 'localhost')
  await look()
  t.equal(count('tls_reloaded'), 0, 'nothing has changed')
  put('renewed')
  await look()
  t.equal(count('tls_reloaded'), 1)
  t.equal(await nameShown(t, port), 'renewed')
  const faults: Array<() => void> = [
    () => writeFileSync(tls.certFile, 'no certificate'),
    () => writeFileSync(tls.certFile, ''),
    () =>
      writeFileSync(tls.certFile, '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'),
    () => copyFileSync(certificateFile('service.pem'), tls.certFile),
    () => {
      const whole = readFileSync(certificateFile('renewed.pem'), 'utf8')
      writeFileSync(tls.certFile, whole + whole.slice(0, 300)) // a chain half written
    },
    () => rmSync(tls.certFile),
  ]
  for (const [i, fault] of faults.entries()) {
    fault()
    await look()
    await look()
    t.equal(count('tls_reload_failed'), i + 1, 'told once')
    t.match(events.at(-1), { option: /^tls/, cause: /./ })
    t.equal(await nameShown(t, port), 'renewed')
  }
  put('localhost')
  await look()
  t.equal(await nameShown(t, port), 'localhost')
  await gateway.close()
  clock.advance(1_000)
  await until('it looks no more', () => clock.sleepers === 0)
})

t.test('closing finishes what is in flight, and cuts hands that are not shaken', async (t) => {
  let answer = (): void => {}
  const service = await startService(t, (_, response) => {
    answer = () => void response.end('done')
  })
  const { gateway, port, events } = await startGateway(t, {
    upstream: service.url,
    tls: LOCALHOST_FILES,
  })
  const idle = shake(t, port)
  await until('hands are shaken', () => idle.authorized)
  let isIdleClosed = false
  idle.resume().on('close', () => (isIdleClosed = true))
  const silent = connectTcp(port, '127.0.0.1')
  let isSilentClosed = false
  silent.resume().on('close', () => (isSilentClosed = true))
  silent.on('error', () => {})
  const busy = ask(port, '/v1/proxy/a')
  await until('the service is asked', () => service.requests.length === 1)
  const closed = gateway.close()
  await until('the idle one is closed', () => isIdleClosed)
  answer()
  t.same(await busy, [200, 'done'])
  await closed
  await until('the silent one is closed', () => isSilentClosed)
  t.match(events.at(-1), { event: 'closed', cutConnections: false })
})

t.test('files that cannot be used are reported at creation', (t) => {
  for (const [tls, message] of [
    [{ certFile: LOCALHOST_FILES.certFile }, 'tls.certFile: needs keyFile beside it'],
    [{ keyFile: LOCALHOST_FILES.keyFile }, 'tls.keyFile: needs certFile beside it'],
    [{ ...LOCALHOST_FILES, keyFile: '/nowhere' }, 'tls.keyFile: cannot be read (ENOENT)'],
    [
      { certFile: '/dev/null', keyFile: '/dev/null' },
      'tls.certFile: must hold certificates in PEM; tls.keyFile: must hold a private key in PEM, without a passphrase',
    ],
    [
      { ...LOCALHOST_FILES, certFile: LOCALHOST_FILES.keyFile },
      'tls.certFile: must hold certificates in PEM',
    ],
  ] as const)
    t.throws(() => createGateway({ jwtSecret: SECRET, upstream: NOWHERE, tls }), { message })
  t.end()
})

t.test('an answer that breaks off does not look whole', async (t) => {
  const service = await startRawService(t, ({ socket }) => {
    socket.write('HTTP/1.1 200 OK\r\n\r\nhalf')
  })
  const { port } = await startGateway(t, { upstream: service.url, tls: LOCALHOST_FILES })
  const client = shake(t, port)
  let received = ''
  let isClosed = false
  client.on('data', (chunk) => (received += String(chunk))).on('close', () => (isClosed = true))
  client.write(
    `GET /v1/proxy/a HTTP/1.1\r\nHost: a\r\nAuthorization: ${bearer().Authorization}\r\n\r\n`,
  )
  await until('half of it', () => received.includes('half'))
  service.connections[0]?.socket.resetAndDestroy()
  await until('it is cut', () => isClosed)
  t.match(received, /\r\n4\r\nhalf\r\n$/, 'without the last chunk')
})
