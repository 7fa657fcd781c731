// What ends a token before its time, and what does not.
import t from 'tap'
import { ADA, claimsOf, startEdge, tokenOf } from '../support/accounts.js'
import { mint } from '../support/gateways.js'
import { START_SECONDS } from '../support/manual-clock.js'
import { connectRaw } from '../support/raw-client.js'

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

t.test('logout-all revokes tokens of a clock that is ahead, and of one that was', async (t) => {
  const { signUp, logIn, auth, proxied, clock } = await startEdge(t, { toleranceSeconds: 60 })
  const ahead = mint({ iat: START_SECONDS + 60 })
  const mine = await signUp()
  t.equal(await proxied(ahead), 200)
  t.equal((await auth('logout-all', ahead)).status, 204)
  t.equal(await proxied(ahead), 401)
  t.equal(await proxied(mine), 200, 'of another user')
  clock.advance(-5_000)
  t.equal((await auth('logout-all', mine)).status, 204)
  t.equal(await proxied(mine), 401)
  const fresh = await tokenOf(await logIn())
  t.equal(await proxied(fresh), 200, 'though its moment is ahead of the clock')
  t.equal(claimsOf(fresh)['iat'], START_SECONDS - 5)
  t.equal((await auth('logout-all', fresh)).status, 204)
  t.equal(await proxied(fresh), 401)
})

t.test('what was revoked on a clock that is ahead stays so until it has expired', async (t) => {
  const { auth, proxied, clock } = await startEdge(t, {
    toleranceSeconds: 3_600,
    maxTokenAgeSeconds: 60,
  })
  const ahead = mint({ iat: START_SECONDS + 3_600, exp: START_SECONDS + 3_660 })
  t.equal((await auth('logout-all', ahead)).status, 204)
  clock.advance(7_259_000) // a second before nobody would take it
  const now = { iat: START_SECONDS + 7_259, exp: START_SECONDS + 7_300 }
  for (const sub of ['a', 'b', 'c', 'd'])
    t.equal((await auth('logout-all', mint({ sub, ...now }))).status, 204)
  t.equal(await proxied(ahead), 401)
})

t.test('of two tokens that share a jti one can be revoked', async (t) => {
  const { auth, proxied } = await startEdge(t)
  const [one, other] = [mint({ jti: 'a' }), mint({ jti: 'a', sub: 'user_bob' })]
  for (const token of [one, other]) t.equal(await proxied(token), 200)
  t.equal((await auth('logout', one)).status, 204)
  t.equal(await proxied(one), 401)
  t.equal(await proxied(other), 200)
})

t.test('the 204 of a logout does not wait for a body that never comes', async (t) => {
  const { port } = await startEdge(t)
  for (const framing of ['Content-Length: 100000', 'Transfer-Encoding: chunked']) {
    const client = connectRaw(t, port)
    const authorization = `Authorization: Bearer ${mint()}`
    client.send('POST /v1/auth/logout HTTP/1.1', 'Host: a', authorization, framing, '', '')
    t.match(await client.until(/\r\n\r\n/), /^HTTP\/1\.1 204 [^]*Connection: close\r\n/)
  }
})
