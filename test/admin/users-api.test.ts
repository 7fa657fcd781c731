import t, { type Test } from 'tap'
import { startGateway, type RunningGateway } from '../support/gateways.js'
import { START_SECONDS } from '../support/manual-clock.js'
import { ADMIN_TOKEN, HASH, operatorOf, WITH_ADMIN, type Operator } from '../support/operator.js'
import { leaveWithinBody } from '../support/raw-client.js'
import { until } from '../support/until.js'

const ADA = {
  user_id: 'ada',
  email: 'ada@example.com',
  subscription: 'free',
  country: 'IN',
  platform: 'android',
  disabled: false,
}
const SHOWN = { ...ADA, created_at: START_SECONDS }

interface Page {
  users: Array<typeof SHOWN>
  next: string | null
}

const startWithAda = async (t: Test): Promise<RunningGateway & Operator> => {
  const gateway = await startGateway(t, WITH_ADMIN)
  const operator = operatorOf(gateway)
  await operator.importRows({ ...ADA, password_hash: HASH })
  return { ...gateway, ...operator }
}

const fieldsOf = async (response: Response): Promise<string[]> => {
  const { errors = [] } = (await response.json()) as { errors?: Array<{ field: string }> }
  return errors.map(({ field }) => field)
}

t.test('a user is shown whole but for his hash', async (t) => {
  const { call } = await startWithAda(t)
  const response = await call('GET', '/v1/users/ada')
  t.equal(response.status, 200)
  t.equal(response.headers.get('content-type'), 'application/json')
  t.equal(response.headers.get('cache-control'), 'no-store')
  t.same(await response.json(), SHOWN)
  const list = await call('GET', '/v1/users')
  t.same(await list.json(), { users: [SHOWN], next: null })
})

t.test('users are listed page by page, or one by his e-mail', async (t) => {
  const { call, importRows } = await startWithAda(t)
  const more = Array.from({ length: 150 }, (_, i) => ({ email: `u${i}@b.c`, password_hash: HASH }))
  await importRows(...more)
  const page = async (query: string): Promise<Page> =>
    (await (await call('GET', `/v1/users${query}`)).json()) as Page
  const first = await page('')
  t.equal(first.users.length, 100)
  const second = await page(`?after=${first.next}`)
  t.equal(second.users.length, 51)
  t.equal(second.next, null)
  const all = [...first.users, ...second.users].map(({ email }) => email)
  t.equal(new Set(all).size, 151)
  t.equal((await page('?limit=1000')).users.length, 151)
  t.equal((await page('?limit=1&after=150')).users.length, 1)
  t.same(await page('?email=%20ADA%40example.com'), { users: [SHOWN], next: null })
  t.same(await page('?email=nobody@example.com'), { users: [], next: null })
})

t.test('a faulty query is refused with every faulty parameter', async (t) => {
  const { call } = await startWithAda(t)
  const rows: Array<[string, string[]]> = [
    ['limit=0', ['limit']],
    ['limit=1001', ['limit']],
    ['limit=-1', ['limit']],
    ['limit=1.5', ['limit']],
    ['limit=1e2', ['limit']],
    ['limit=', ['limit']],
    ['limit', ['limit']],
    ['limit=10&limit=10', ['limit']],
    ['limit=99999999999999999999', ['limit']],
    ['after=', ['after']],
    ['after=a%20b', ['after']],
    ['after=%00', ['after']],
    [`after=${'1'.repeat(256)}`, ['after']],
    ['email=', ['email']],
    ['email=ada', ['email']],
    ['email=%ff@b.c', ['email']],
    ['email=a@b.c%0d%0ax:%20y', ['email']],
    ['offset=1', ['offset']],
    ['__proto__=1', ['__proto__']],
    ['limit=x&after=&email=x&x=x', ['limit', 'after', 'email', 'x']],
  ]
  for (const [query, fields] of rows) {
    const response = await call('GET', `/v1/users?${query}`)
    t.equal(response.status, 400, query)
    t.same(await fieldsOf(response), fields, query)
  }
})

t.test('a change is made as it says, and nothing else', async (t) => {
  const { call, lastRequest } = await startWithAda(t)
  const rows: Array<[object, object]> = [
    [{ subscription: 'enterprise:2030' }, { subscription: 'enterprise:2030' }],
    [{ country: 'de' }, { country: 'DE' }],
    [
      { platform: 'ios', disabled: true },
      { platform: 'ios', disabled: true },
    ],
    [{ disabled: false }, { disabled: false }],
    [{}, {}],
  ]
  let expected: object = SHOWN
  for (const [changes, change] of rows) {
    const response = await call('PATCH', '/v1/users/ada', changes)
    expected = { ...expected, ...change }
    t.equal(response.status, 200)
    t.same(await response.json(), expected)
    t.same(await (await call('GET', '/v1/users/ada')).json(), expected)
  }
  t.match(lastRequest(), { route: '/v1/users/*', method: 'GET', status: 200 })
})

t.test('a faulty change is refused with every faulty field, and changes nothing', async (t) => {
  const { call } = await startWithAda(t)
  const rows: Array<[string, unknown, number, string[]]> = [
    ['an array', [], 400, ['body']],
    ['null', 'null', 400, ['body']],
    ['no JSON', '{', 400, ['body']],
    ['nothing', '', 400, ['body']],
    ['a spaced plan', { subscription: 'a b' }, 400, ['subscription']],
    ['no plan', { subscription: '' }, 400, ['subscription']],
    ['a plan of 65', { subscription: 'a'.repeat(65) }, 400, ['subscription']],
    ['a plan that is null', { subscription: null }, 400, ['subscription']],
    ['no country', { country: 'XX' }, 400, ['country']],
    ['a sharp s', { country: 'ß' }, 400, ['country']],
    ['a number', { platform: 1 }, 400, ['platform']],
    ['capitals', { platform: 'iOS' }, 400, ['platform']],
    ['a word for a switch', { disabled: 'true' }, 400, ['disabled']],
    ['a number for a switch', { disabled: 1 }, 400, ['disabled']],
    ['his e-mail', { disabled: true, email: 'eve@example.com' }, 400, ['email']],
    ['his id', { user_id: 'eve' }, 400, ['user_id']],
    ['his hash', { password_hash: HASH }, 400, ['password_hash']],
    ['the name in the store', { isDisabled: true }, 400, ['isDisabled']],
    ['__proto__', '{"__proto__":{"disabled":true}}', 400, ['__proto__']],
    ['constructor', '{"constructor":1}', 400, ['constructor']],
    [
      'all',
      { subscription: 1, country: 1, platform: 1, disabled: 1, x: 1 },
      400,
      ['subscription', 'country', 'platform', 'disabled', 'x'],
    ],
    ['too much', { subscription: 'x'.repeat(20_000) }, 413, []],
  ]
  for (const [what, body, status, fields] of rows) {
    const response = await call('PATCH', '/v1/users/ada', body)
    t.equal(response.status, status, what)
    t.same(await fieldsOf(response), fields, what)
  }
  const form = { 'Content-Type': 'application/merge-patch+json' }
  t.equal((await call('PATCH', '/v1/users/ada', {}, form)).status, 415)
  t.same(await (await call('GET', '/v1/users/ada')).json(), SHOWN)
})

t.test('of a client that leaves within its body nothing is changed', async (t) => {
  const { port, call, lastRequest } = await startWithAda(t)
  await leaveWithinBody(t, port, 'PATCH /v1/users/ada', `Authorization: Bearer ${ADMIN_TOKEN}`)
  await until('it is noticed', () => lastRequest()?.aborted === true)
  t.same(await (await call('GET', '/v1/users/ada')).json(), SHOWN)
})

t.test('whoever is not there is 404, however he is named', async (t) => {
  const { call, events } = await startWithAda(t)
  const names = [
    'bob',
    '',
    'ADA',
    'ada/',
    'ada%2e',
    '%61da',
    'ada@example.com',
    '__proto__',
    "'",
    '*',
  ]
  for (const name of names)
    for (const [method, body] of [['GET'], ['PATCH', { disabled: true }], ['DELETE']] as const) {
      const response = await call(method, `/v1/users/${name}`, body)
      t.equal(response.status, 404, `${method} ${name}`)
      t.match(await response.json(), { code: 'unknown_user' })
    }
  for (const name of ['..%2fada', 'ada%00', '%c0%ae'])
    t.equal((await call('GET', `/v1/users/${name}`)).status, 400, name)
  t.same(await (await call('GET', '/v1/users/ada')).json(), SHOWN)
  t.notMatch(JSON.stringify(events), /bob|__proto__/)
})

t.test('each path has its methods', async (t) => {
  const { call } = await startWithAda(t)
  const rows = [
    ['POST', '/v1/users', 'GET, HEAD'],
    ['DELETE', '/v1/users', 'GET, HEAD'],
    ['GET', '/v1/users/import', 'POST'],
    ['POST', '/v1/users/export', 'GET, HEAD'],
    ['DELETE', '/v1/users/import', 'POST'],
    ['PUT', '/v1/users/ada', 'DELETE, GET, HEAD, PATCH'],
    ['POST', '/v1/users/ada', 'DELETE, GET, HEAD, PATCH'],
  ] as const
  for (const [method, path, allow] of rows) {
    const response = await call(method, path)
    t.equal(response.status, 405, `${method} ${path}`)
    t.equal(response.headers.get('allow'), allow)
  }
})

t.test('who is deleted is gone, with 204', async (t) => {
  const { call, lastRequest } = await startWithAda(t)
  const response = await call('DELETE', '/v1/users/ada')
  t.equal(response.status, 204)
  t.equal(await response.text(), '')
  t.equal((await call('GET', '/v1/users/ada')).status, 404)
  t.equal((await call('DELETE', '/v1/users/ada')).status, 404)
  t.match(lastRequest(), { route: '/v1/users/*', reason: 'unknown_user' })
})
