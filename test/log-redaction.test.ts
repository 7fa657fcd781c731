// No secret and nothing that a client or a service said shows in the log, in either form.
import t from 'tap'
import { createGateway, type LogEvent } from '../lib/index.js'
import { bearer, cheapHasher, mint, NOWHERE, startGateway } from './support/gateways.js'
import { createManualClock } from './support/manual-clock.js'
import { MARK, startLogs } from './support/marked-log.js'
import { HASH, NDJSON, operatorOf } from './support/operator.js'
import { exchangeRaw } from './support/raw-client.js'
import { entry, startFile } from './support/secrets.js'
import { startRawService, startService } from './support/services.js'
import { until } from './support/until.js'

const marked = (name: string): string => `${MARK}-${name}-`.padEnd(40, 'x')
const JWT_SECRET = marked('jwt')
const ADMIN_TOKEN = marked('admin')
const PASSWORD = marked('password')

const HEADERS = {
  Cookie: `session=${MARK}`,
  'X-Passport': MARK,
  'X-Passport-Signature': MARK,
  'X-Proxy-State': MARK,
  'X-Request-Id': MARK,
  'User-Agent': MARK,
  'X-Api-Key': MARK,
  'X-Forwarded-For': MARK,
  traceparent: MARK,
  [`X-${MARK}`]: MARK,
  'Idempotency-Key': MARK,
}

type Ask = readonly [method: string, path: string, body?: unknown, headers?: object]

const ACCOUNT = { email: `${MARK}@example.com`, password: PASSWORD }

/** Each endpoint, good and bad. */
const asksOf = (token: string): Ask[] => {
  const own = { Authorization: `Bearer ${token}` }
  const tokens = [
    token,
    MARK,
    `${token}${MARK}`,
    mint({ iss: MARK }),
    mint({ exp: 1, email: MARK }),
  ]
  const bodies = [
    {},
    ACCOUNT,
    { ...ACCOUNT, plan: MARK },
    { email: MARK, password: MARK },
    MARK,
    '"',
  ]
  return [
    ...['GET', 'POST', 'PUT'].flatMap((method) =>
      ['healthz', 'readyz', MARK, `v1/auth/${MARK}`, 'v1/auth/signup', 'v1/users'].map(
        (path): Ask => [method, `/${path}`],
      ),
    ),
    ...['signup', 'login'].flatMap((name) =>
      bodies.map((body): Ask => ['POST', `/v1/auth/${name}`, body]),
    ),
    ['POST', '/v1/auth/password', { password: PASSWORD, new_password: MARK }, own],
    ['POST', '/v1/auth/password', { password: MARK, new_password: PASSWORD }, own],
    ...tokens.flatMap((shown): Ask[] => {
      const headers = { Authorization: `Bearer ${shown}` }
      return [
        ['GET', '/v1/auth/me', undefined, headers],
        ['GET', `/v1/proxy/${MARK}`, undefined, headers],
        ['POST', `/v1/proxy/a`, MARK, headers],
      ]
    }),
    ['GET', '/v1/proxy/a', undefined, { Authorization: `Basic ${MARK}` }],
    ['POST', '/v1/auth/refresh', undefined, own],
    ['POST', '/v1/auth/logout', undefined, own],
    ['POST', '/v1/auth/logout-all', undefined, own],
    ['GET', '/v1/proxy/a', undefined, own],
  ]
}

const send = async (origin: string, [method, path, body, headers]: Ask): Promise<string> => {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const response = await fetch(`${origin}${path}?access_token=${MARK}`, {
    method,
    headers: { 'Content-Type': 'application/json', ...HEADERS, ...headers },
    ...(body !== undefined && { body: text }),
  })
  return response.text()
}

const eventNames = (events: readonly LogEvent[]): string[] => [
  ...new Set(events.map(({ event }) => event)),
]

t.test('what clients and operators send, whatever comes of it', async (t) => {
  const service = await startService(t)
  const logs = startLogs()
  const { origin, port } = await startGateway(
    t,
    {
      jwtSecret: JWT_SECRET,
      passportSecret: marked('passport'),
      adminToken: ADMIN_TOKEN,
      admin: { port: 0 },
      upstream: service.url,
      issuer: 'a',
    },
    { log: logs.log },
  )
  const answer = await send(origin, ['POST', '/v1/auth/signup', ACCOUNT])
  const { token } = JSON.parse(answer) as { token: string }
  for (const part of [token, ...token.split('.')]) logs.hide(part)
  const asks = asksOf(token)
  for (const ask of asks) await send(origin, ask)
  for (const { headers } of service.requests) logs.hide(String(headers['x-passport']))
  t.ok(service.requests.length > 1, 'some get through')
  for (const line of [MARK, `GET /${MARK} HTTP/9`, `CONNECT ${MARK}:1 HTTP/1.1\r\nHost: ${MARK}:1`])
    await exchangeRaw(t, port, line, `${MARK} : ${MARK}`, '', '')

  const operator = operatorOf(logs)
  for (const shown of [ADMIN_TOKEN, MARK]) {
    const headers = { ...HEADERS, Authorization: `Bearer ${shown}` }
    const row = JSON.stringify({ user_id: 'a', email: `a${MARK}@b.c`, password_hash: HASH })
    await operator.call('GET', `/v1/users?email=${MARK}`, undefined, headers)
    await operator.call('GET', '/v1/users/export', undefined, headers)
    await operator.call('PATCH', `/v1/users/${MARK}`, { email: MARK }, headers)
    await operator.call('DELETE', `/v1/users/${MARK}`, undefined, headers)
    await operator.call('POST', '/v1/users/import', `${row}\n${MARK}`, { ...headers, ...NDJSON })
  }
  const requests = (): number => logs.events.filter(({ event }) => event === 'request').length
  await until('all is logged', () => requests() >= asks.length + 11)
  t.ok(eventNames(logs.events).includes('connection_refused'))
  t.same(logs.leaks(), [])
})

t.test('what services answer, and how they fail', async (t) => {
  const answers = [
    `HTTP/1.1 200 OK\r\nSet-Cookie: ${MARK}\r\nContent-Length: 0\r\n\r\n`,
    `HTTP/1.1 500 ${MARK}\r\nX: ${MARK}\r\nContent-Length: 0\r\n\r\n`,
    `${MARK}\r\n\r\n`,
    `HTTP/1.1 200 OK\r\n${MARK}\x01: ${MARK}\r\n\r\n`,
    `HTTP/1.1 200 OK\r\nContent-Length: ${MARK}\r\n\r\n`,
  ]
  let answer = ''
  const service = await startRawService(t, ({ socket }) => socket.end(answer))
  for (const upstream of [service.url, NOWHERE, 'http://nowhere.invalid']) {
    const logs = startLogs()
    const { origin } = await startGateway(t, { upstream }, { log: logs.log })
    for (answer of answers)
      await send(origin, ['GET', `/v1/proxy/${MARK}`, undefined, bearer()]).catch(() => {})
    await until('it is logged', () => eventNames(logs.events).includes('upstream_failed'))
    t.same(logs.leaks(), [], upstream)
  }
})

t.test('what is thrown, and files of secrets that cannot be used', async (t) => {
  const logs = startLogs()
  const file = startFile(t)
  file.put([entry('old')])
  const fail = (): Promise<never> => Promise.reject(new Error(`${MARK}\n    at ${MARK}`))
  const { origin, gateway } = await startGateway(
    t,
    { jwtSecret: undefined, jwtSecretsFile: file.path },
    { log: logs.log, passwordHasher: { ...cheapHasher(), hash: fail } },
  )
  await send(origin, ['POST', '/v1/auth/signup', ACCOUNT])
  for (const content of [MARK, `[${MARK}`, [{ kid: `${MARK} ${MARK}`, secret: MARK }], [MARK]]) {
    file.put(content)
    gateway.reload()
  }
  await until('it is logged', () => eventNames(logs.events).includes('handler_failed'))
  t.ok(eventNames(logs.events).includes('secrets_reload_failed'))
  t.same(logs.leaks(), [])
})

t.test('the password of a store that cannot be opened', async (t) => {
  for (const scheme of ['postgres', 'redis']) {
    const logs = startLogs()
    const clock = createManualClock()
    const store = `${scheme}://${MARK}:${MARK}@127.0.0.1:9/0`
    clock.hurry(t)
    const gateway = createGateway(
      { jwtSecret: JWT_SECRET, upstream: NOWHERE, store },
      { ...logs, clock },
    )
    const message = await gateway.listen(0).then(String, (error: Error) => error.message)
    await gateway.close()
    t.match(eventNames(logs.events), ['store_open_failed'], scheme)
    t.notMatch(message, MARK)
    t.same(logs.leaks(), [])
  }
})

t.test('a line that does hold a mark is found', (t) => {
  const logs = startLogs()
  logs.log({ event: 'target_up', target: `http://${MARK}` })
  t.equal(logs.leaks().length, 2, 'in both forms')
  t.end()
})
