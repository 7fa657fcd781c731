// What ends a token before its time, and what does not.
import t from 'tap'
import { ADA, claimsOf, startEdge, tokenOf } from '../support/accounts.js'
import { mint } from '../support/gateways.js'
import { START_SECONDS } from '../support/manual-clock.js'

t.test('me tells what services are told, and when the token expires', async (t) => {
  const { signUp, auth, clock } = await startEdge(t)
  const token = await signUp({ country: 'IN', platform: 'android' })
  clock.advance(5_000)
  const response = await auth('me', token)
  t.equal(response.status, 200)
  t.equal(response.headers.get('cache-control'), 'no-store')
  const body = (await response.json()) as Record<string, unknown>
  t.same(body, {
    user_id: claimsOf(token)['sub'],
    email: ADA.email,
    subscription: 'free',
    country: 'IN',
    platform: 'android',
    token_status: 'valid',
    issued_at: START_SECONDS + 5,
    expires_at: START_SECONDS + 86_400,
  })
})

t.test('the skew that is forgiven is not told as life of the token', async (t) => {
  const { auth } = await startEdge(t, { toleranceSeconds: 30 })
  const body = (await (await auth('me', mint({ exp: START_SECONDS + 60 }))).json()) as object
  t.match(body, { expires_at: START_SECONDS + 60 })
})

t.test('logout revokes one token for the very next request, though it is remembered', async (t) => {
  const { signUp, logIn, auth, proxied, lastRequest } = await startEdge(t)
  const token = await signUp()
  const other = await tokenOf(await logIn())
  t.equal(await proxied(token), 200)
  t.equal(await proxied(other), 200)
  const response = await auth('logout', token)
  t.equal(response.status, 204)
  t.equal(response.headers.get('content-length'), null)
  t.equal(response.headers.get('content-type'), null)
  t.equal(await response.text(), '')
  t.equal(await proxied(token), 401)
  t.match(lastRequest(), { reason: 'revoked', status: 401 })
  t.equal(await proxied(other), 200, 'the other stays')
  const again = await auth('logout', token)
  t.equal(again.status, 401)
  t.match(await again.json(), { code: 'invalid_token' })
  t.match(again.headers.get('www-authenticate'), /error="invalid_token", .*The token was revoked/)
})

t.test('a token of another minter, without jti, can be revoked too', async (t) => {
  const { auth, proxied } = await startEdge(t)
  const token = mint({ jti: undefined })
  const twin = mint({ jti: undefined, platform: 'ios' })
  t.equal(await proxied(token), 200)
  t.equal((await auth('logout', token)).status, 204)
  t.equal(await proxied(token), 401)
  t.equal(await proxied(twin), 200)
})

t.test(
  'logout-all revokes all tokens of the user, and a login behind it gives a good one',
  async (t) => {
    const { signUp, logIn, auth, proxied } = await startEdge(t)
    const bob = await signUp({ email: 'bob@example.com' })
    const tokens = [await signUp(), await tokenOf(await logIn()), await tokenOf(await logIn())]
    for (const token of tokens) t.equal(await proxied(token), 200)
    t.equal((await auth('logout-all', tokens[1] as string)).status, 204)
    for (const token of tokens) t.equal(await proxied(token), 401)
    const fresh = await tokenOf(await logIn()) // in the same millisecond
    t.equal(await proxied(fresh), 200)
    t.equal(await proxied(bob), 200)
    t.equal((await auth('logout-all', fresh)).status, 204)
    t.equal(await proxied(fresh), 401, 'and is revoked as any other')
  },
)

t.test(
  'a foreign token without iat, or of the same second, is revoked by logout-all',
  async (t) => {
    const { auth, proxied, clock } = await startEdge(t)
    clock.advance(500)
    const old = mint({ iat: undefined })
    const now = mint({ iat: START_SECONDS, jti: 'not a uuid' })
    for (const token of [old, now]) t.equal(await proxied(token), 200)
    t.equal((await auth('logout-all', mint())).status, 204)
    for (const token of [old, now]) t.equal(await proxied(token), 401)
    clock.advance(1_000)
    t.equal(await proxied(mint({ iat: START_SECONDS + 1 })), 200)
  },
)

t.test('refresh gives a new token for the old one, which is revoked', async (t) => {
  const { signUp, auth, proxied, clock } = await startEdge(t)
  const token = await signUp()
  t.equal(await proxied(token), 200)
  clock.advance(60_000)
  const response = await auth('refresh', token)
  t.equal(response.status, 200)
  t.equal(response.headers.get('cache-control'), 'no-store')
  const body = (await response.clone().json()) as Record<string, unknown>
  t.match(body, { user_id: claimsOf(token)['sub'], token_type: 'Bearer', expires_in: 86_400 })
  const fresh = await tokenOf(response)
  t.equal(claimsOf(fresh)['iat'], START_SECONDS + 60)
  t.equal(await proxied(token), 401)
  t.equal(await proxied(fresh), 200)
})

t.test('a user that is not known here has no refresh, and keeps his token', async (t) => {
  const { auth, proxied, lastRequest } = await startEdge(t)
  const token = mint()
  const response = await auth('refresh', token)
  t.equal(response.status, 401)
  t.match(lastRequest(), { reason: 'unknown_user' })
  t.equal(await proxied(token), 200)
})

t.test('the jti of a token is a UUID of version 7 that begins with the time', async (t) => {
  const { signUp } = await startEdge(t)
  const jti = String(claimsOf(await signUp())['jti'])
  t.match(jti, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  t.equal(parseInt(jti.replaceAll('-', '').slice(0, 12), 16), START_SECONDS * 1000)
})

t.test('without room for another revocation refresh waits, and logout ends all', async (t) => {
  const { signUp, logIn, auth, proxied } = await startEdge(t, { limits: { revocations: 1 } })
  const tokens = [await signUp(), await tokenOf(await logIn()), await tokenOf(await logIn())]
  const [first = '', second = '', third = ''] = tokens
  t.equal((await auth('logout', first)).status, 204)
  const refused = await auth('refresh', second)
  t.equal(refused.status, 503)
  t.equal(refused.headers.get('retry-after'), '1')
  t.equal(await proxied(second), 200, 'it is still good')
  t.equal((await auth('logout', second)).status, 204)
  t.equal(await proxied(second), 401)
  t.equal(await proxied(third), 401)
  const bob = await signUp({ email: 'bob@example.com' })
  t.equal((await auth('logout', bob)).status, 503, 'nor is there room for another user')
  t.equal(await proxied(bob), 200)
})

const GUARDED = ['me', 'refresh', 'logout', 'logout-all', 'password']

t.test('no endpoint takes a request without a good token', async (t) => {
  const { origin, auth, proxied } = await startEdge(t)
  const revoked = mint()
  await auth('logout', revoked)
  const rows: Array<[string, Record<string, string>, string]> = [
    ['none', {}, 'missing_token'],
    ['a word', { Authorization: 'Bearer x' }, 'invalid_token'],
    ['expired', { Authorization: `Bearer ${mint({ exp: START_SECONDS })}` }, 'invalid_token'],
    ['tampered', { Authorization: `Bearer ${mint().slice(0, -3)}AAA` }, 'invalid_token'],
    ['revoked', { Authorization: `Bearer ${revoked}` }, 'invalid_token'],
    ['basic', { Authorization: 'Basic YTpi' }, 'missing_token'],
    ['in the query only', {}, 'missing_token'],
    ['as a subprotocol', { 'Sec-WebSocket-Protocol': `bearer, ${mint()}` }, 'missing_token'],
  ]
  for (const name of GUARDED)
    for (const [what, headers, code] of rows) {
      const query = what === 'in the query only' ? `?access_token=${mint()}` : ''
      const method = name === 'me' ? 'GET' : 'POST'
      const response = await fetch(`${origin}/v1/auth/${name}${query}`, { method, headers })
      t.equal(response.status, 401, `${name}: ${what}`)
      t.match(await response.json(), { code })
      t.match(response.headers.get('www-authenticate'), /^Bearer realm=/)
    }
  t.equal(await proxied(mint()), 200)
})

t.test('each endpoint has its one method', async (t) => {
  const { origin } = await startEdge(t)
  for (const name of GUARDED) {
    const [right, wrong] = name === 'me' ? ['GET, HEAD', 'POST'] : ['POST', 'GET']
    const response = await fetch(`${origin}/v1/auth/${name}`, { method: wrong })
    t.equal(response.status, 405, name)
    t.equal(response.headers.get('allow'), right)
  }
})

t.test('an endpoint that is switched off is not there', async (t) => {
  const some = await startEdge(t, { endpoints: ['me', 'logout'] })
  const token = mint()
  for (const name of ['signup', 'login', 'refresh', 'logout-all', 'password'])
    t.equal((await some.auth(name, token, {})).status, 404, name)
  t.equal((await some.auth('me', token)).status, 200)
  t.equal((await some.auth('logout', token)).status, 204)
  t.equal(await some.proxied(token), 401)
  const none = await startEdge(t, { endpoints: [] })
  t.equal((await none.auth('me', mint())).status, 404)
  t.equal(await none.proxied(mint()), 200, 'tokens are verified all the same')
})
