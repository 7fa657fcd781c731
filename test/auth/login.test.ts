import t from 'tap'
import { cheapHasher, postJson, startGateway } from '../support/gateways.js'
import { connectRaw } from '../support/raw-client.js'
import { until } from '../support/until.js'

const ADA = { email: 'ada@example.com', password: 'correct horse' }

t.test('every refused login does the same work: one comparison', async (t) => {
  const passwordHasher = cheapHasher()
  const { origin } = await startGateway(t, {}, { passwordHasher })
  await postJson(`${origin}/v1/auth/signup`, ADA)
  const rows: Array<[string, object, number]> = [
    ['right', ADA, 200],
    ['right, e-mail spelled otherwise', { ...ADA, email: ' ADA@example.COM' }, 200],
    ['wrong password', { ...ADA, password: 'correct horsE' }, 401],
    ['unknown e-mail', { ...ADA, email: 'bob@example.com' }, 401],
    ['what is no e-mail', { ...ADA, email: 'bob' }, 401],
    ['empty password', { ...ADA, password: '' }, 401],
    ['password and more', { ...ADA, password: `${ADA.password}\0more` }, 401],
    ['lone surrogate', { ...ADA, password: '\ud800' }, 401],
    ['10 KB', { ...ADA, password: 'x'.repeat(10_000) }, 401],
  ]
  for (const [what, body, status] of rows) {
    const comparedBefore = passwordHasher.compared
    const response = await postJson(`${origin}/v1/auth/login`, body)
    t.equal(response.status, status, what)
    t.equal(passwordHasher.compared - comparedBefore, 1, what)
    if (status === 401) {
      t.match(await response.json(), { code: 'invalid_credentials' })
      t.equal(response.headers.get('www-authenticate'), 'Bearer realm="passport-gateway"')
    }
  }
})

t.test('a password is never cut: 72 bytes and more do not log in where 72 do', async (t) => {
  const { origin } = await startGateway(t)
  const longest = { ...ADA, password: 'x'.repeat(72) }
  await postJson(`${origin}/v1/auth/signup`, longest)
  const logIn = (password: string): Promise<Response> =>
    postJson(`${origin}/v1/auth/login`, { ...ADA, password })
  t.equal((await logIn(longest.password)).status, 200)
  t.equal((await logIn(`${longest.password}y`)).status, 401)
  t.equal((await logIn(longest.password.slice(1))).status, 401)
})

t.test('a login without its fields is 400 and names them', async (t) => {
  const { origin } = await startGateway(t)
  const logIn = (body: unknown): Promise<Response> => postJson(`${origin}/v1/auth/login`, body)
  const response = await logIn({ email: 5 })
  t.equal(response.status, 400)
  t.match(await response.json(), {
    code: 'invalid_request',
    errors: [
      { field: 'email', detail: 'must be a string' },
      { field: 'password', detail: 'is required' },
    ],
  })
  t.equal((await logIn('no JSON')).status, 400)
  t.equal((await postJson(`${origin}/v1/auth/login`, ADA, { 'Content-Type': 'x/y' })).status, 415)
})

t.test('when too many passwords wait, the next one is told to come back', async (t) => {
  let finish = (): void => {}
  const blocked = new Promise<void>((resolve) => (finish = resolve))
  const passwordHasher = {
    hash: async () => 'hash',
    compare: async () => {
      await blocked
      return false
    },
  }
  const { origin } = await startGateway(t, { limits: { hashQueue: 1 } }, { passwordHasher })
  const logins = Array.from({ length: 20 }, () => postJson(`${origin}/v1/auth/login`, ADA))
  const response = await Promise.race(logins)
  t.equal(response.status, 503)
  t.equal(response.headers.get('retry-after'), '1')
  t.match(await response.json(), { code: 'overloaded' })
  finish()
  const statuses = (await Promise.all(logins)).map(({ status }) => status)
  t.ok(statuses.includes(401), 'those who waited are answered')
})

t.test('a client that leaves before its body is there is logged in nowhere', async (t) => {
  const hasher = cheapHasher()
  const { port, lastRequest } = await startGateway(t, {}, { passwordHasher: hasher })
  for (const name of ['signup', 'login']) {
    const client = connectRaw(t, port)
    client.send(
      `POST /v1/auth/${name} HTTP/1.1`,
      'Host: a',
      'Content-Type: application/json',
      'Content-Length: 90',
      'Expect: 100-continue',
      '',
      '',
    )
    await client.until(/100 Continue/)
    client.send('{"email":')
    client.socket.destroy()
    await until('it is noticed', () => lastRequest()?.route === `/v1/auth/${name}`)
    t.match(lastRequest(), { aborted: true })
  }
  t.equal(hasher.compared + hasher.hashed, 0)
})
