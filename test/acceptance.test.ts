// What this gateway promises, over real sockets, with its real clock, hashes and log.
import { jwtVerify } from 'jose'
import t from 'tap'
import { createGateway } from '../lib/index.js'
import { readPassport } from '../lib/passport/index.js'
import {
  gateway,
  hasher,
  log,
  logIn,
  PASSWORD,
  proxied,
  run,
  secrets,
  service,
  signUp,
  tokenOf,
} from './support/acceptance-run.js'
import { bearer, mint, SECRET } from './support/gateways.js'
import { startService } from './support/services.js'

t.test('signup with valid data returns 201 with a JWT and user_id', async (t) => {
  const response = await signUp('Ada@Example.com ')
  t.equal(response.status, 201)
  t.equal(response.headers.get('cache-control'), 'no-store')
  const body = await tokenOf(response)
  t.match(body, {
    user_id: /^user_[0-9a-f]{32}$/,
    token: /^[\w-]+\.[\w-]+\.[\w-]{43}$/,
    token_type: 'Bearer',
    expires_in: 86_400,
  })
})

t.test('signup with a duplicate e-mail returns 409', async (t) => {
  const response = await signUp(' ada@EXAMPLE.com')
  t.equal(response.status, 409)
  t.equal(response.headers.get('content-type'), 'application/problem+json')
  t.match(await response.json(), { status: 409, code: 'email_taken' })
})

t.test(
  'signup with the same idempotency key twice returns the same response both times',
  async (t) => {
    const hashedBefore = hasher.hashed
    const key = { 'Idempotency-Key': '"7d1f2e"' }
    const first = await signUp('grace@example.com', key)
    const second = await signUp('grace@example.com', key)
    t.same([first.status, second.status], [201, 201])
    t.equal(first.headers.get('idempotent-replayed'), null)
    t.equal(second.headers.get('idempotent-replayed'), 'true')
    const text = await first.text()
    t.equal(await second.text(), text, 'byte for byte')
    const { token, user_id } = JSON.parse(text) as { token: string; user_id: string }
    secrets.add(token)
    t.equal(hasher.hashed - hashedBefore, 1, 'exactly one hash')
    t.equal((await signUp('grace@example.com')).status, 409, 'exactly one user')
    const login = await tokenOf(await logIn('grace@example.com', PASSWORD))
    t.equal(login.user_id, user_id)
  },
)

t.test('login with correct credentials returns 200 with a valid JWT', async (t) => {
  const response = await logIn('ada@example.com', PASSWORD)
  t.equal(response.status, 200)
  const { token, user_id } = await tokenOf(response)
  const { payload, protectedHeader } = await jwtVerify(token, Buffer.from(SECRET), {
    algorithms: ['HS256'],
    issuer: 'passport-gateway',
    typ: 'JWT',
  })
  t.match(protectedHeader, { alg: 'HS256', typ: 'JWT', kid: /^[\w-]{11}$/ })
  t.match(payload, {
    sub: user_id,
    email: 'ada@example.com',
    subscription: 'free',
    country: 'IN',
    platform: 'android',
    jti: String,
  })
  t.equal((payload.exp as number) - (payload.iat as number), 86_400)
})

t.test('login with a wrong password returns 401', async (t) => {
  const wrong = await logIn('ada@example.com', `${PASSWORD}!`)
  const unknown = await logIn('nobody@example.com', PASSWORD)
  t.same([wrong.status, unknown.status], [401, 401])
  const [one, other] = [await wrong.json(), await unknown.json()] as [object, object]
  t.match(one, { code: 'invalid_credentials' })
  const unnamed = { request_id: '' }
  t.same({ ...one, ...unnamed }, { ...other, ...unnamed }, 'nothing tells the two apart')
})

t.test('a proxied request with a valid JWT reaches the upstream with X-Passport', async (t) => {
  const { token } = await tokenOf(await logIn('ada@example.com', PASSWORD))
  const response = await proxied(bearer(token))
  t.equal(response.status, 200)
  t.equal(await response.text(), 'from the service')
  const received = service.requests.at(-1)
  t.equal(received?.url, '/orders/7?full=1')
  t.ok(received?.headers['x-passport'])
  t.equal(received?.headers.authorization, undefined, 'the token itself stays here')
})

t.test(
  'a proxied request with an expired JWT returns 401 and the upstream sees no connection',
  async (t) => {
    const fresh = await startService(t)
    const own = createGateway({ jwtSecret: SECRET, upstream: fresh.url }, { log })
    const { port } = await own.listen(0)
    t.teardown(() => own.close())
    const nowSeconds = Math.floor(Date.now() / 1000)
    const token = mint({ iat: nowSeconds - 10, exp: nowSeconds - 1 })
    secrets.add(token)
    const response = await proxied(bearer(token), `http://127.0.0.1:${port}`)
    t.equal(response.status, 401)
    t.match(response.headers.get('www-authenticate'), /^Bearer .*error="invalid_token"/)
    t.match(await response.json(), { code: 'invalid_token' })
    t.equal(fresh.connectionCount, 0)
  },
)

t.test('a proxied request with no Authorization header returns 401', async (t) => {
  const requestsBefore = service.requests.length
  const response = await proxied()
  t.equal(response.status, 401)
  t.equal(response.headers.get('www-authenticate'), 'Bearer realm="passport-gateway"')
  t.match(await response.json(), { code: 'missing_token' })
  t.equal(service.requests.length, requestsBefore)
})

t.test('the decoded X-Passport contains the correct user claims', async (t) => {
  const { token, user_id } = await tokenOf(await logIn('ada@example.com', PASSWORD))
  const beforeSeconds = Math.floor(Date.now() / 1000)
  await proxied(bearer(token))
  const { headers = {} } = service.requests.at(-1) ?? {}
  const header = headers['x-passport']
  const reading = readPassport(headers, { unsigned: 'accept' })
  const passport = reading.ok ? reading.passport : undefined
  t.match(passport, {
    user_id,
    email: 'ada@example.com',
    subscription: 'free',
    country: 'IN',
    platform: 'android',
    token_status: 'valid',
  })
  const issuedAt = passport?.issued_at as number
  t.ok(issuedAt >= beforeSeconds && issuedAt <= Date.now() / 1000)
  const json = Buffer.from(header as string, 'base64').toString()
  t.same(Object.keys(JSON.parse(json) as object), [
    'user_id',
    'email',
    'subscription',
    'country',
    'platform',
    'token_status',
    'issued_at',
  ])
})

t.test('X-Proxy-State carries the correctly encoded segment key', async (t) => {
  const { token } = await tokenOf(await logIn('ada@example.com', PASSWORD))
  const response = await proxied(bearer(token))
  t.equal(service.requests.at(-1)?.headers['x-proxy-state'], 'ZnJlZTpJTjphbmRyb2lk')
  t.equal(response.headers.get('x-proxy-state'), 'ZnJlZTpJTjphbmRyb2lk')
  t.equal(Buffer.from('ZnJlZTpJTjphbmRyb2lk', 'base64').toString(), 'free:IN:android')
})

t.test('the log of all this holds a line a request and no secret', async (t) => {
  await gateway.close()
  const lines = run.logText.trim().split('\n')
  const requests = lines
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .filter(({ event }) => event === 'request')
  t.match(
    requests.find(({ reason }) => reason === 'expired'),
    {
      level: 'info',
      method: 'GET',
      route: '/v1/proxy/*',
      status: 401,
      durationMs: Number,
      requestId: /^[0-9a-f-]{36}$/,
    },
  )
  t.match(
    requests.find(({ status }) => status === 201),
    { userId: /^user_/ },
  )
  t.equal(requests.length, run.sentCount)
  for (const secret of secrets) {
    t.notOk(run.logText.includes(secret), 'no secret')
    for (const part of secret.split('.')) if (part.length > 20) t.notOk(run.logText.includes(part))
  }
  t.notMatch(run.logText, /example\.com|ZnJlZTpJTjphbmRyb2lk|orders/i, 'no address, header or path')
})
