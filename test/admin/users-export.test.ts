import t from 'tap'
import { startGateway } from '../support/gateways.js'
import { HASH, operatorOf, WITH_ADMIN } from '../support/operator.js'

const USER = {
  email: 'ada@example.com',
  subscription: 'pro',
  country: 'IN',
  platform: 'android',
  disabled: true,
  created_at: 1_000_000_000,
  password_hash: HASH,
}

t.test('users are exported page by page as an import has them', async (t) => {
  const from = operatorOf(await startGateway(t, WITH_ADMIN))
  const all = ['a', 'b', 'c'].map((id) => ({ ...USER, user_id: id, email: `${id}@example.com` }))
  await from.importRows(...all)
  const first = await from.call('GET', '/v1/users/export?limit=2')
  t.equal(first.status, 200)
  t.equal(first.headers.get('cache-control'), 'no-store')
  const { users, next } = (await first.json()) as { users: object[]; next: string }
  const rest = (await (await from.call('GET', `/v1/users/export?after=${next}`)).json()) as {
    users: object[]
  }
  t.same([...users, ...rest.users], all)
  t.match(rest, { next: null })
  const to = operatorOf(await startGateway(t, WITH_ADMIN))
  t.match(await to.importRows(...users, ...rest.users), { imported: 3, failed: [] })
  t.same(await (await to.call('GET', '/v1/users/export')).json(), { users: all, next: null })
})

t.test('hashes are shown to nobody but an operator', async (t) => {
  const { call, importRows } = operatorOf(await startGateway(t, WITH_ADMIN))
  await importRows(USER)
  for (const authorization of ['', 'Bearer x', 'Basic x']) {
    const headers = { Authorization: authorization }
    const response = await call('GET', '/v1/users/export', undefined, headers)
    t.equal(response.status, 401)
    t.notMatch(await response.text(), '$2b$')
  }
})

t.test('a faulty query is refused', async (t) => {
  const { call } = operatorOf(await startGateway(t, WITH_ADMIN))
  const rows = [
    ['limit=0', 'must be a whole number from 1 to 1000'],
    ['after=x', 'must be the next of the page before'],
    ['email=a@b.c', 'must be one of: limit, after'],
  ] as const
  for (const [query, detail] of rows) {
    const response = await call('GET', `/v1/users/export?${query}`)
    t.equal(response.status, 400, query)
    t.match(await response.json(), { errors: [{ detail }] })
  }
})
