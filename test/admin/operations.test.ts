import { once } from 'node:events'
import { connect } from 'node:net'
import t, { type Test } from 'tap'
import type { Config } from '../../lib/config.js'
import { sourceIn, viewConfig } from '../../lib/config-view.js'
import {
  createGateway,
  type ConfigError,
  type GatewayOptions,
  type LogEvent,
} from '../../lib/index.js'
import { bearer, mint, NOWHERE, postJson, SECRET, startGateway } from '../support/gateways.js'
import { ADMIN_TOKEN, operatorOf, WITH_ADMIN } from '../support/operator.js'
import { connectRaw, exchangeRaw } from '../support/raw-client.js'
import { until } from '../support/until.js'

const start = async (t: Test, options: Partial<GatewayOptions> = {}) => {
  const gateway = await startGateway(t, { ...WITH_ADMIN, ...options })
  return { ...gateway, operator: operatorOf(gateway) }
}

t.test('what is no token to inspect is told field by field', async (t) => {
  const { operator, clock, events } = await start(t)
  const rows: Array<[unknown, Array<{ field: string }>]> = [
    [{}, [{ field: 'token' }]],
    [{ token: 1, more: 2 }, [{ field: 'token' }, { field: 'more' }]],
    [{ token: 'a', more: 2 }, [{ field: 'more' }]],
  ]
  for (const [body, errors] of rows) {
    const response = await operator.call('POST', '/v1/inspect', body)
    t.equal(response.status, 400)
    t.match(await response.json(), { code: 'invalid_request', errors })
  }
  t.equal((await operator.call('POST', '/v1/inspect', '[')).status, 400)
  const client = connectRaw(t, operator.port)
  const fields = ['Host: a', `Authorization: Bearer ${ADMIN_TOKEN}`, 'Content-Length: 9']
  client.send('POST /v1/inspect HTTP/1.1', ...fields, 'Content-Type: application/json', '', '{')
  clock.hurry(t)
  t.match(await client.untilClosed(), /^HTTP\/1\.1 408 /)
  const leaving = connect(operator.port, '127.0.0.1')
  const line = 'POST /v1/inspect HTTP/1.1'
  const type = 'Content-Type: application/json'
  leaving.write([line, ...fields, type, 'Expect: 100-continue', '', ''].join('\r\n'))
  await once(leaving, 'data')
  leaving.destroy()
  const isLeft = (event: LogEvent): boolean => event.event === 'request' && event.aborted
  await until('it has left', () => events.some(isLeft))
})

t.test('options are shown with where they came from, and no secret', async (t) => {
  const marks = ['mark-of-the-ring', 'mark-of-the-passports']
  const [ring = '', passports = ''] = marks.map((mark) => mark.padEnd(40, '!'))
  const { operator } = await start(t, {
    jwtSecret: undefined,
    jwtSecrets: [{ kid: 'first', secret: ring }],
    passportSecret: passports,
  })
  const body = await (await operator.call('GET', '/config')).text()
  for (const mark of [...marks, WITH_ADMIN.adminToken, SECRET]) t.notMatch(body, mark)
  const { options: rows } = JSON.parse(body) as {
    options: Array<{ option: string; value: unknown; source: string }>
  }
  const row = (name: string) => rows.find(({ option }) => option === name)
  t.match(row('adminToken'), { value: /^fingerprint [\w-]{11}$/, source: 'options' })
  t.match(row('passportSecret'), { value: /^fingerprint [\w-]{11}$/, source: 'options' })
  t.match(row('jwtSecrets'), { value: [{ kid: 'first', secret: /^fingerprint / }] })
  t.same(row('jwtSecret'), { option: 'jwtSecret', value: null, source: 'default' })
  t.same(row('timeouts.connectMs'), {
    option: 'timeouts.connectMs',
    value: 3_000,
    source: 'default',
  })
  t.equal(row('port'), undefined, 'it is an option of the command')
})

t.test('the password in the URL of a store is not shown', (t) => {
  const config = {
    store: 'postgres://gateway:p%40ss@db.example/users?sslmode=verify-full',
    ephemeralStore: 'redis://:secret@cache.example',
  }
  const rows = viewConfig(config as unknown as Config, sourceIn(config))
  const shown = rows.filter(({ source }) => source === 'options')
  t.same(
    shown.map(({ value }) => value),
    ['postgres://gateway:***@db.example/users?sslmode=verify-full', 'redis://:***@cache.example'],
  )
  t.end()
})

t.test('targets are shown as they are', async (t) => {
  const { operator, origin } = await start(t, { upstream: [NOWHERE] })
  await (await fetch(`${origin}/v1/proxy/a`, { headers: bearer() })).text()
  const response = await operator.call('GET', '/targets')
  t.same(await response.json(), {
    targets: [
      {
        route: '/v1/proxy/*',
        target: NOWHERE,
        state: 'up',
        in_flight: 0,
        waiting: 0,
        answered: 0,
        failures: 1,
      },
    ],
  })
})

t.test(
  'without a token operators are on this machine, and no page of elsewhere is one',
  async (t) => {
    const gateway = await startGateway(t, { admin: { port: 0 } })
    const { port } = operatorOf(gateway)
    const statusFor = async (host: string, path = '/metrics'): Promise<string> =>
      (
        await exchangeRaw(
          t,
          port,
          `GET ${path} HTTP/1.1`,
          `Host: ${host}`,
          'Connection: close',
          '',
          '',
        )
      ).slice(9, 12)
    const rows: Array<[string, string]> = [
      ['localhost', '200'],
      ['LOCALHOST:80', '200'],
      ['127.0.0.1', '200'],
      ['127.0.0.1:8081', '200'],
      ['[::1]:8081', '200'],
      ['192.168.0.1', '200'],
      ['evil.example', '421'],
      ['evil.example:8081', '421'],
      ['localhost.evil.example', '421'],
      ['127.0.0.1.evil.example', '421'],
      ['1', '421'],
    ]
    for (const [host, status] of rows) t.equal(await statusFor(host), status, host)
    for (const path of ['/config', '/targets', '/v1/status', '/v1/status/events'])
      t.equal(await statusFor('evil.example', path), '421', path)
    t.equal(await statusFor('evil.example', '/healthz'), '200')
    t.equal(await statusFor('localhost', '/v1/users'), '404', 'users are for who has a token')
    for (const host of ['0.0.0.0', '::', 'gateway.internal', '10.0.0.1']) {
      const create = (): unknown =>
        createGateway({ jwtSecret: SECRET, upstream: NOWHERE, admin: { host, port: 0 } })
      const problems = [{ option: 'admin.host', detail: /without an adminToken$/ }]
      t.throws(create, { problems } as unknown as ConfigError, host)
    }
  },
)

t.test('with a token all but health is for operators', async (t) => {
  const { operator } = await start(t)
  for (const path of ['/metrics', '/config', '/targets', '/v1/status', '/v1/status/events'])
    t.equal((await fetch(operator.origin + path)).status, 401, path)
  t.equal((await postJson(`${operator.origin}/v1/inspect`, { token: mint() })).status, 401)
  t.equal((await fetch(`${operator.origin}/healthz`)).status, 200)
  t.match(await (await fetch(`${operator.origin}/readyz`)).json(), { status: 'ready' })
})
