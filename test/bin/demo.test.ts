import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { demoText, originFor } from '../../bin/demo-text.js'
import { createEchoService } from '../../bin/echo-service.js'
import { explainFailure } from '../../bin/explain-failure.js'

t.test('the address to call is one that can be called', (t) => {
  const rows = [
    ['127.0.0.1', 'http://127.0.0.1:80'],
    ['0.0.0.0', 'http://127.0.0.1:80'],
    ['::', 'http://[::1]:80'],
    ['fe80::1', 'http://[fe80::1]:80'],
    ['gateway.example', 'http://gateway.example:80'],
  ] as const
  for (const [host, origin] of rows) t.equal(originFor('http', host, 80), origin)
  t.end()
})

t.test('a secret that was given is not shown', (t) => {
  const text = demoText({
    origin: 'http://a',
    upstream: 'http://b',
    statusPage: 'http://c/',
    secret: undefined,
  })
  t.match(text, /JWT secret: your own\n/)
  t.match(text, /service behind: http:\/\/b\n/)
  t.match(text, /status page: http:\/\/c\/\n/)
  t.end()
})

t.test('why a gateway does not start is told in words', (t) => {
  const failure = (code: string | undefined, port?: number): string =>
    explainFailure(Object.assign(new Error('of the system'), { ...(code && { code }), port }))
  t.equal(failure('EADDRINUSE', 80), 'port 80 is taken; give another with --port')
  t.equal(failure('EACCES', 80), 'port 80 may not be used by this user')
  t.match(failure('EADDRNOTAVAIL'), /^the host is not an address of this machine/)
  t.match(failure('ENOTFOUND'), /^the host is not an address of this machine/)
  t.equal(failure('EMFILE'), 'cannot start: EMFILE')
  t.equal(failure(undefined), 'cannot start: of the system')
  t.end()
})

t.test('the echo service answers also who comes past the gateway', async (t) => {
  const echo = createEchoService().listen(0, '127.0.0.1')
  await once(echo, 'listening')
  t.teardown(() => void echo.close())
  const response = await fetch(`http://127.0.0.1:${(echo.address() as AddressInfo).port}/a`)
  t.match(await response.json(), { path: '/a', passport: null, segment: null, body_bytes: 0 })
})
