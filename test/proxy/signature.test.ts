// What the gateway signs, judged by the definition of the format alone.
import { createHmac, hkdfSync } from 'node:crypto'
import t, { type Test } from 'tap'
import type { GatewayOptions } from '../../lib/index.js'
import { bearer, mint, startGateway } from '../support/gateways.js'
import { connectRaw } from '../support/raw-client.js'
import { AUTHORIZATION } from '../support/raw-requests.js'
import { entry, secretOf, startFile } from '../support/secrets.js'
import { OK_EMPTY, startRawService, startService } from '../support/services.js'
import { until } from '../support/until.js'
import { openWebSocket, startWebSocketService } from '../support/websockets.js'

const SECRET = secretOf('passport')

const signatureOf = (lines: readonly string[], secret = SECRET): string => {
  const info = 'passport-gateway passport signature v1'
  const key = Buffer.from(hkdfSync('sha256', secret, '', info, 32))
  return createHmac('sha256', key)
    .update(['passport-gateway passport v1', ...lines].join('\n'))
    .digest('base64url')
}

type Fields = Record<string, string | string[] | undefined>

/** Throws unless the headers hold one signature, of exactly these lines behind the segment. */
const checkSignature = (
  t: Test,
  headers: Fields,
  more: readonly string[] = [],
  secret = SECRET,
) => {
  const [passport, segment] = [String(headers['x-passport']), String(headers['x-proxy-state'])]
  const [, kid = '', s] =
    /^v=1; kid=([\w.-]{1,64}); s=([\w-]{43})$/.exec(String(headers['x-passport-signature'])) ?? []
  t.equal(s, signatureOf([kid, passport, segment, ...more], secret))
  return kid
}

const setUp = async (t: Test, options: Partial<GatewayOptions> = {}) => {
  const service = await startService(t)
  const gateway = await startGateway(t, {
    upstream: `${service.url}/base`,
    routes: [{ path: '/open', upstream: service.url, auth: 'optional', keepPrefix: false }],
    passportSecret: SECRET,
    ...options,
  })
  return { ...gateway, service, last: () => service.requests.at(-1)?.headers ?? {} }
}

t.test('without a secret there is no signature', async (t) => {
  const { origin, last } = await setUp(t, { passportSecret: undefined })
  await fetch(`${origin}/v1/proxy/a`, { headers: bearer() })
  t.ok(last()['x-passport'])
  t.notOk('x-passport-signature' in last())
})

t.test('passport and segment are signed, each second anew', async (t) => {
  const { origin, last, clock, service } = await setUp(t)
  const headers = bearer()
  for (const path of ['a', 'b?c=d']) await fetch(`${origin}/v1/proxy/${path}`, { headers })
  checkSignature(t, last())
  t.equal(
    service.requests[0]?.headers['x-passport-signature'],
    last()['x-passport-signature'],
    'the same for every request of a second',
  )
  clock.advance(1_000)
  await fetch(`${origin}/v1/proxy/a`, { headers })
  checkSignature(t, last())
  t.not(service.requests[0]?.headers['x-passport-signature'], last()['x-passport-signature'])
  const e_mail = bearer(mint({ email: 'zoë@exämple.com' }))
  await fetch(`${origin}/v1/proxy/a`, { headers: e_mail })
  checkSignature(t, last())
})

t.test('a bound signature is for the method and path that the service receives', async (t) => {
  const { origin, last, service } = await setUp(t, { passport: { bind: 'request' } })
  const rows: Array<[string, string, string]> = [
    ['GET', '/v1/proxy/a', '/base/a'],
    ['POST', '/v1/proxy/a?b=%2f&c', '/base/a?b=%2f&c'],
    ['DELETE', '/v1/proxy/', '/base/'],
    ['GET', '/v1/proxy/open/x?y', '/x?y'],
  ]
  for (const [method, path, received] of rows) {
    await fetch(origin + path, { method, headers: bearer() })
    t.equal(service.requests.at(-1)?.url, received)
    checkSignature(t, last(), [method, received])
  }
})

t.test('anonymous passports are signed too', async (t) => {
  for (const bind of ['none', 'request'] as const) {
    const { origin, last } = await setUp(t, { passport: { bind } })
    await fetch(`${origin}/v1/proxy/open/x`)
    checkSignature(t, last(), bind === 'none' ? [] : ['GET', '/x'])
    t.match(
      Buffer.from(String(last()['x-passport']), 'base64').toString(),
      /"token_status":"anonymous"/,
    )
  }
})

t.test('the request for a WebSocket is signed', async (t) => {
  const service = await startWebSocketService(t)
  const options = { upstream: service.url, passportSecret: SECRET }
  const { port } = await startGateway(t, { ...options, passport: { bind: 'request' } })
  await openWebSocket(t, port, { path: '/v1/proxy/chat' })
  checkSignature(t, service.requests[0]?.headers ?? {}, ['GET', '/chat'])
})

t.test('the first key of the ring signs, from the moment that it is there', async (t) => {
  const file = startFile(t)
  file.put([entry('one')])
  const { origin, last, gateway } = await setUp(t, {
    passportSecret: undefined,
    passportSecretsFile: file.path,
  })
  const headers = bearer()
  await fetch(`${origin}/v1/proxy/a`, { headers })
  t.equal(checkSignature(t, last(), [], secretOf('one')), 'one')
  file.put([entry('two'), entry('one')])
  gateway.reload()
  await fetch(`${origin}/v1/proxy/a`, { headers })
  t.equal(checkSignature(t, last(), [], secretOf('two')), 'two')
})

t.test('a forged signature never reaches the service', async (t) => {
  const { origin, last } = await setUp(t, { passportSecret: undefined })
  const forged = { 'X-Passport-Signature': 'v=1; kid=a; s=b', x_passport_signature: 'c' }
  await fetch(`${origin}/v1/proxy/a`, { headers: { ...bearer(), ...forged } })
  t.same(
    Object.keys(last()).filter((name) => /signature/.test(name)),
    [],
  )
})

t.test('a request with a header of ours is refused where that is wanted', async (t) => {
  const service = await startRawService(t, ({ socket }) => socket.end(OK_EMPTY))
  const { port, lastRequest } = await startGateway(t, {
    upstream: service.url,
    onForgery: 'reject',
  })
  const rows: Array<[string, string]> = [
    ...['X-Passport', 'x_passport', 'X.Passport-Signature', 'X-PROXY-STATE', "x'proxy!state"].map(
      (name): [string, string] => [`${name}: a`, 'GET'],
    ),
    ['X-Passport:', 'POST'],
  ]
  for (const [line, method] of rows)
    for (const upgrade of [[], ['Connection: Upgrade', 'Upgrade: websocket']]) {
      const client = connectRaw(t, port)
      const length = method === 'POST' ? ['Content-Length: 0'] : []
      client.send(
        `${method} /v1/proxy/ HTTP/1.1`,
        'Host: a',
        AUTHORIZATION,
        line,
        ...length,
        ...upgrade,
        '',
        '',
      )
      t.match(
        await client.until(/\r\n\r\n[^]*}$/),
        /^HTTP\/1\.1 400 [^]*"code":"forged_header"/,
        line,
      )
      await until('it is logged', () => lastRequest()?.reason === 'forged_header')
    }
  t.equal(service.connections.length, 0, 'no connection to the service')
  const client = connectRaw(t, port)
  client.send('GET /v1/proxy/ HTTP/1.1', 'Host: a', AUTHORIZATION, 'X-Pass: a', '', '')
  t.match(await client.until(/\r\n\r\n/), /^HTTP\/1\.1 200 /)
})
