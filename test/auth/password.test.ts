import t from 'tap'
import { ADA, startEdge, tokenOf } from '../support/accounts.js'
import { mint } from '../support/gateways.js'
import { connectRaw, leaveWithinBody } from '../support/raw-client.js'
import { until } from '../support/until.js'

const NEW = 'battery staple'
const change = { current_password: ADA.password, new_password: NEW }

t.test('a new password gives a new token, and revokes every other', async (t) => {
  const { signUp, logIn, auth, proxied } = await startEdge(t)
  const token = await signUp()
  const other = await tokenOf(await logIn())
  t.equal(await proxied(other), 200)
  const response = await auth('password', token, change)
  t.equal(response.status, 200)
  t.equal(response.headers.get('cache-control'), 'no-store')
  const fresh = await tokenOf(response)
  t.equal(await proxied(token), 401)
  t.equal(await proxied(other), 401)
  t.equal(await proxied(fresh), 200)
  t.equal((await logIn()).status, 401)
  t.equal((await logIn({ password: NEW })).status, 200)
})

t.test('a wrong current password changes nothing', async (t) => {
  const { signUp, logIn, auth, proxied } = await startEdge(t)
  const token = await signUp({ password: 'x'.repeat(72) })
  for (const current of ['wrong', '', 'x'.repeat(71), 'x'.repeat(73), `${'x'.repeat(72)}\0`]) {
    const body = { current_password: current, new_password: NEW }
    const response = await auth('password', token, body)
    t.equal(response.status, 403, current)
    t.match(await response.json(), { code: 'wrong_password' })
  }
  t.equal(await proxied(token), 200)
  t.equal((await logIn({ password: 'x'.repeat(72) })).status, 200)
})

t.test('of a client that leaves within its body nothing is changed', async (t) => {
  const { port, signUp, logIn, lastRequest } = await startEdge(t)
  const token = await signUp()
  await leaveWithinBody(t, port, 'POST /v1/auth/password', `Authorization: Bearer ${token}`)
  await until('it is noticed', () => lastRequest()?.route === '/v1/auth/password')
  t.match(lastRequest(), { aborted: true })
  t.equal((await logIn()).status, 200)
})

t.test('hostile bodies are refused, each with what is wrong', async (t) => {
  const { signUp, auth, origin } = await startEdge(t)
  const token = await signUp()
  const current = ADA.password
  const rows: Array<[string, unknown, number, string[]]> = [
    ['nothing', {}, 400, ['current_password', 'new_password']],
    ['an array', [], 400, ['body']],
    ['no JSON', '{', 400, ['body']],
    ['a null byte', { ...change, new_password: 'with a \0 in it' }, 400, ['new_password']],
    ['7 bytes', { ...change, new_password: 'x'.repeat(7) }, 400, ['new_password']],
    ['73 bytes', { ...change, new_password: 'x'.repeat(73) }, 400, ['new_password']],
    ['73 bytes in 37 letters', { ...change, new_password: 'é'.repeat(37) }, 400, ['new_password']],
    [
      'half a surrogate',
      `{"current_password":"${current}","new_password":"\\ud800abcdefgh"}`,
      400,
      ['new_password'],
    ],
    [
      'numbers',
      { current_password: 1, new_password: 12345678 },
      400,
      ['current_password', 'new_password'],
    ],
    ['a list', { ...change, new_password: [NEW] }, 400, ['new_password']],
    [
      '__proto__',
      `{"__proto__":{"current_password":"a","new_password":"${NEW}"}}`,
      400,
      ['current_password', 'new_password'],
    ],
    ['too much', { ...change, more: 'x'.repeat(20_000) }, 413, []],
  ]
  for (const [what, body, status, fields] of rows) {
    const response = await auth('password', token, body)
    t.equal(response.status, status, what)
    const { errors = [] } = (await response.json()) as { errors?: Array<{ field: string }> }
    t.same(
      errors.map(({ field }) => field),
      fields,
      what,
    )
  }
  const form = await fetch(`${origin}/v1/auth/password`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${token}` },
    body: new URLSearchParams(change),
  })
  t.equal(form.status, 415)
})

t.test('a user that is not known here has no password to change', async (t) => {
  const { auth } = await startEdge(t)
  const response = await auth('password', mint(), change)
  t.equal(response.status, 401)
})

t.test('a token that dies while the body comes, or is hashed, changes nothing', async (t) => {
  const { signUp, logIn, auth, port } = await startEdge(t)
  const token = await signUp()
  const body = JSON.stringify(change)
  const client = connectRaw(t, port)
  client.send(
    'POST /v1/auth/password HTTP/1.1',
    'Host: a',
    `Authorization: Bearer ${token}`,
    'Content-Type: application/json',
    `Content-Length: ${body.length}`,
    '',
    body.slice(0, 10),
  )
  await until('it is taken in', async () => (await auth('me', token)).status === 200)
  t.equal((await auth('logout-all', token)).status, 204)
  client.send(body.slice(10))
  t.match(await client.until(/\r\n\r\n[^]*}$/), /^HTTP\/1\.1 401 [^]*"code":"invalid_token"/)
  t.equal((await logIn()).status, 200, 'the old password')
})

t.test('where the old tokens could not be revoked the password stays', async (t) => {
  const { signUp, logIn, auth, proxied } = await startEdge(t, { limits: { revocations: 1 } })
  const bob = await signUp({ email: 'bob@example.com' })
  t.equal((await auth('logout-all', bob)).status, 204)
  const token = await signUp()
  t.equal((await auth('password', token, change)).status, 503)
  t.equal(await proxied(token), 200)
  t.equal((await logIn()).status, 200, 'the old password')
})
