// What becomes of the tokens of users whom an operator disables or deletes.
import bcrypt from 'bcrypt'
import t, { type Test } from 'tap'
import { ADA, claimsOf, tokenOf } from '../support/accounts.js'
import {
  bearer,
  cheapHasher,
  postJson,
  startGateway,
  type ManualParts,
} from '../support/gateways.js'
import { operatorOf, WITH_ADMIN } from '../support/operator.js'
import { until } from '../support/until.js'
import { openWebSocket, startWebSocketService } from '../support/websockets.js'

const setUp = async (t: Test, parts: ManualParts = {}) => {
  const service = await startWebSocketService(t)
  const gateway = await startGateway(t, { upstream: service.url, ...WITH_ADMIN }, parts)
  const operator = operatorOf(gateway)
  const auth = (name: string, account: object = ADA): Promise<Response> =>
    postJson(`${gateway.origin}/v1/auth/${name}`, account)
  /** 426 is what the service says to whoever wants no WebSocket. */
  const proxied = async (token: string): Promise<number> => {
    const response = await fetch(`${gateway.origin}/v1/proxy/`, { headers: bearer(token) })
    await response.arrayBuffer()
    return response.status
  }
  const set = async (token: string, changes: object): Promise<number> =>
    (await operator.call('PATCH', `/v1/users/${idOf(token)}`, changes)).status
  return { ...gateway, service, operator, auth, proxied, set }
}

const idOf = (token: string): string => String(claimsOf(token)['sub'])

t.test(
  'a disabled user is refused on the very next request, and his WebSocket closed',
  async (t) => {
    const { port, service, auth, proxied, set, lastRequest } = await setUp(t)
    const token = await tokenOf(await auth('signup'))
    const bob = await tokenOf(await auth('signup', { ...ADA, email: 'bob@example.com' }))
    t.equal(await proxied(token), 426)
    t.equal(await proxied(token), 426, 'it is remembered')
    const open = await openWebSocket(t, port, { headers: bearer(token) })
    const other = await openWebSocket(t, port, { headers: bearer(bob) })
    t.equal(await set(token, { disabled: true }), 200)
    t.equal(await proxied(token), 401)
    t.match(lastRequest(), { reason: 'revoked' })
    t.equal((await open.closed)[0], 1008)
    await until('the service knows', () => service.closed.length === 1)
    other.socket.send('still here')
    await until('an answer', () => other.messages.length === 1)
    t.equal((await auth('login')).status, 401)
    const refreshed = await fetch(`http://127.0.0.1:${port}/v1/auth/refresh`, {
      method: 'POST',
      headers: bearer(token),
    })
    t.equal(refreshed.status, 401)
  },
)

t.test('who is enabled again logs in, and his old tokens stay dead', async (t) => {
  const { auth, proxied, set } = await setUp(t)
  const token = await tokenOf(await auth('signup'))
  await set(token, { disabled: true })
  await set(token, { disabled: false })
  t.equal(await proxied(token), 401)
  const fresh = await tokenOf(await auth('login')) // in the same millisecond
  t.equal(await proxied(fresh), 426)
  await set(token, { disabled: false, subscription: 'pro' })
  t.equal(await proxied(fresh), 426, 'nothing else ends it')
  t.match(claimsOf(await tokenOf(await auth('login'))), { subscription: 'pro' })
})

t.test('the e-mail of a deleted user can sign up anew, his old tokens stay dead', async (t) => {
  const { port, operator, auth, proxied } = await setUp(t)
  const token = await tokenOf(await auth('signup'))
  const { closed } = await openWebSocket(t, port, { headers: bearer(token) })
  t.equal((await operator.call('DELETE', `/v1/users/${idOf(token)}`)).status, 204)
  t.equal((await closed)[0], 1008)
  t.equal(await proxied(token), 401)
  t.equal((await auth('login')).status, 401)
  const fresh = await tokenOf(await auth('signup'))
  t.not(idOf(fresh), idOf(token))
  t.equal(await proxied(fresh), 426)
  t.equal(await proxied(token), 401)
})

t.test('a login during which the user is disabled or deleted gives no live token', async (t) => {
  for (const what of ['disable', 'delete', 'disable and enable'] as const) {
    const hasher = cheapHasher()
    const gate = { arrived: false, open: (): void => {} }
    const parts: ManualParts = {
      passwordHasher: {
        ...hasher,
        compare: async (password, hash) => {
          gate.arrived = true
          await new Promise<void>((resolve) => (gate.open = resolve))
          return hasher.compare(password, hash)
        },
      },
    }
    const { auth, operator, proxied, set } = await setUp(t, parts)
    const token = await tokenOf(await auth('signup'))
    const login = auth('login')
    await until('the password is compared', () => gate.arrived)
    if (what === 'delete') await operator.call('DELETE', `/v1/users/${idOf(token)}`)
    else await set(token, { disabled: true })
    if (what === 'disable and enable') await set(token, { disabled: false })
    gate.open()
    const response = await login
    if (what === 'disable and enable') t.equal(await proxied(await tokenOf(response)), 426, what)
    else t.equal(response.status, 401, what)
  }
})

t.test('an imported user logs in with the password that he had', async (t) => {
  const { operator, auth, proxied } = await setUp(t)
  const hash = await bcrypt.hash(ADA.password, 4)
  const prefixes = ['$2a$', '$2b$', '$2y$']
  const rows = prefixes.map((prefix, i) => ({
    email: `user${i}@example.com`,
    password_hash: hash.replace('$2b$', prefix),
    user_id: `auth0-${i}`,
    subscription: 'pro',
  }))
  t.match(
    await operator.importRows(...rows, {
      ...rows[0],
      email: 'x@y.z',
      user_id: 'x',
      disabled: true,
    }),
    {
      imported: 4,
    },
  )
  for (const [i, prefix] of prefixes.entries()) {
    const token = await tokenOf(await auth('login', { ...ADA, email: `user${i}@example.com` }))
    t.match(claimsOf(token), { sub: `auth0-${i}`, subscription: 'pro' }, prefix)
    t.equal(await proxied(token), 426)
    t.equal(
      (await auth('login', { email: `user${i}@example.com`, password: 'wrong horse' })).status,
      401,
    )
  }
  t.equal((await auth('login', { ...ADA, email: 'x@y.z' })).status, 401, 'he came disabled')
})
