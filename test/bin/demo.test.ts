import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { availableParallelism } from 'node:os'
import t from 'tap'
import { startDemo } from '../../bin/demo.js'
import { demoText, originFor } from '../../bin/demo-text.js'
import { createEchoService } from '../../bin/echo-service.js'
import { explainFailure } from '../../bin/explain-failure.js'
import { workersOf } from '../../bin/start-settings.js'
import { parseSettings } from '../../lib/config.js'

const GOOD = { upstream: 'http://a.example', jwtSecret: 's'.repeat(32) }

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

t.test('who gives a service and a ring of secrets is told neither', async (t) => {
  let told = ''
  const demo = await startDemo((text) => (told += text))
  t.same([...demo.stopgaps.keys()], ['upstream', 'jwtSecret'])
  const settings = parseSettings({
    upstream: 'http://a.example',
    jwtSecrets: [{ secret: 's'.repeat(32) }],
  })
  demo.tell(settings, { port: 1, admin: 2 })
  t.match(told, /JWT secret: your own\n/)
  t.match(told, /service behind: http:\/\/a\.example\n/)
  t.match(told, /status page: http:\/\/127\.0\.0\.1:2\/\n/)
})

t.test('auto is as many workers as there are cores', (t) => {
  t.equal(workersOf({ workers: 'auto' }), availableParallelism())
  t.equal(workersOf({ workers: 3 }), 3)
  for (const [workers, parsed] of [
    ['auto', 'auto'],
    ['7', 7],
    [256, 256],
  ] as const)
    t.equal(parseSettings({ ...GOOD, workers }).workers, parsed)
  for (const workers of [0, 257, 1.5, 'many', '0', '257', '', true])
    t.match(
      t.throws(() => parseSettings({ ...GOOD, workers })),
      {
        problems: [{ option: 'workers', detail: 'must be auto, or a whole number from 1 to 256' }],
      },
    )
  t.end()
})

t.test('the echo service answers also who comes past the gateway', async (t) => {
  const echo = createEchoService().listen(0, '127.0.0.1')
  await once(echo, 'listening')
  t.teardown(() => void echo.close())
  const response = await fetch(`http://127.0.0.1:${(echo.address() as AddressInfo).port}/a`)
  t.match(await response.json(), { path: '/a', passport: null, segment: null, body_bytes: 0 })
})
