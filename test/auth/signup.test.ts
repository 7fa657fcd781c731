import t from 'tap'
import { createGateway } from '../../lib/index.js'
import { bearer, cheapHasher, mint, postJson, startGateway } from '../support/gateways.js'
import { connectRaw } from '../support/raw-client.js'
import { startService } from '../support/services.js'
import { until } from '../support/until.js'

const ADA = { email: 'ada@example.com', password: 'correct horse' }

const claimsOf = async (response: Response): Promise<Record<string, unknown>> => {
  const { token } = (await response.json()) as { token: string }
  return JSON.parse(Buffer.from(token.split('.')[1] as string, 'base64url').toString()) as never
}

const fieldsOf = async (response: Response): Promise<string[]> => {
  const { errors = [] } = (await response.json()) as { errors?: Array<{ field: string }> }
  return errors.map(({ field }) => field)
}

t.test('every faulty field is named, and what is wrong with it', async (t) => {
  const { origin } = await startGateway(t)
  const signUp = (body: unknown): Promise<Response> => postJson(`${origin}/v1/auth/signup`, body)
  const rows: Array<[string, unknown, string[]]> = [
    ['nothing', {}, ['email', 'password']],
    ['numbers', { email: 1, password: 2 }, ['email', 'password']],
    ['null', { email: null, password: null }, ['email', 'password']],
    ['arrays', { email: ['a@b.c'], password: ['correct horse'] }, ['email', 'password']],
    ['no e-mail address', { ...ADA, email: 'ada' }, ['email']],
    ['two e-mail addresses', { ...ADA, email: 'a@b.c, d@e.f' }, ['email']],
    ['line feed in an e-mail', { ...ADA, email: 'a@b.c\nBcc: d@e.f' }, ['email']],
    ['e-mail of 255', { ...ADA, email: `${'a'.repeat(249)}@b.com` }, ['email']],
    ['password of 7 bytes', { ...ADA, password: '1234567' }, ['password']],
    ['password of 73 bytes', { ...ADA, password: 'x'.repeat(73) }, ['password']],
    ['password of 37 characters, 74 bytes', { ...ADA, password: 'é'.repeat(37) }, ['password']],
    ['NUL in a password', { ...ADA, password: 'correct\0horse' }, ['password']],
    ['lone surrogate', { ...ADA, password: 'correct \ud800 horse' }, ['password']],
    ['no country', { ...ADA, country: 'XX' }, ['country']],
    ['a sharp s, SS in upper case', { ...ADA, country: 'ß' }, ['country']],
    ['a Kelvin sign, k in lower case', { ...ADA, email: '\u212Ada@b.c' }, ['email']],
    ['null for a choice', { ...ADA, subscription: null }, ['subscription']],
    ['country by name', { ...ADA, country: 'India' }, ['country']],
    ['platform with colon', { ...ADA, platform: 'a:b' }, ['platform']],
    ['platform of 33', { ...ADA, platform: 'x'.repeat(33) }, ['platform']],
    ['self-promotion', { ...ADA, subscription: 'premium' }, ['subscription']],
    [
      'everything',
      { country: 1, platform: {}, subscription: [] },
      ['email', 'password', 'subscription', 'country', 'platform'],
    ],
    [
      'a prototype',
      '{"__proto__":{"email":"a@b.c","password":"correct horse"}}',
      ['email', 'password'],
    ],
    ['no JSON', '{"email":', ['body']],
    ['no object', '[]', ['body']],
    ['a string', '"\\ud800"', ['body']],
  ]
  for (const [what, body, fields] of rows) {
    const response = await signUp(body)
    t.equal(response.status, 400, what)
    t.equal(response.headers.get('content-type'), 'application/problem+json')
    t.same(await fieldsOf(response), fields, what)
  }
})

t.test('what is just within the rules is accepted, and normalised', async (t) => {
  const { origin } = await startGateway(t, { signup: { plans: ['basic', 'plus'] } })
  const signUp = (body: object): Promise<Response> => postJson(`${origin}/v1/auth/signup`, body)
  const longest = `${'a'.repeat(242)}@example.com`
  const rows: Array<[object, object]> = [
    [
      { ...ADA, email: '  Ada@EXAMPLE.com\t' },
      { email: 'ada@example.com', subscription: 'basic', country: 'ZZ', platform: 'unknown' },
    ],
    [{ email: longest, password: '12345678' }, { email: longest }],
    [
      { email: 'b@b', password: 'é'.repeat(36), country: 'in', platform: 'a-_9' },
      { country: 'IN', platform: 'a-_9' },
    ],
    [{ email: 'c@c', password: 'x'.repeat(72), subscription: 'plus' }, { subscription: 'plus' }],
  ]
  for (const [body, claims] of rows) {
    const response = await signUp(body)
    t.equal(response.status, 201)
    t.match(await claimsOf(response), claims)
  }
})

t.test('a body of another kind, size or pace is refused', async (t) => {
  const { port, clock } = await startGateway(t, { limits: { bodyBytes: 100 } })
  const head = ['POST /v1/auth/signup HTTP/1.1', 'Host: a', 'Connection: close']
  const json = 'Content-Type: application/json'
  const chunk = `ff\r\n${'x'.repeat(255)}\r\n`
  const rows: Array<[string, number, string[]]> = [
    ['no type', 415, ['Content-Length: 2', '', '{}']],
    ['two types', 415, [json, json, 'Content-Length: 2', '', '{}']],
    ['a form', 415, ['Content-Type: text/plain', 'Content-Length: 2', '', '{}']],
    ['Latin-1', 415, [`${json}; charset=iso-8859-1`, 'Content-Length: 2', '', '{}']],
    ['compressed', 415, [json, 'Content-Encoding: gzip', 'Content-Length: 2', '', '{}']],
    ['long', 413, [json, 'Content-Length: 101', '', 'x'.repeat(101)]],
    ['long, chunked', 413, [json, 'Transfer-Encoding: chunked', '', chunk]],
    ['empty', 400, [json, 'Content-Length: 0', '', '']],
    ['UTF-8, said so', 400, [`${json} ; charset="UTF-8"`, 'Content-Length: 2', '', '{}']],
  ]
  for (const [what, status, lines] of rows) {
    const client = connectRaw(t, port)
    client.send(...head, ...lines)
    t.ok(await client.until(new RegExp(`^HTTP/1.1 ${status} `)), what)
  }
  const slow = connectRaw(t, port)
  slow.send(...head, json, 'Content-Length: 50', '', '{')
  clock.hurry(t)
  t.match(await slow.untilClosed(), /^HTTP\/1\.1 408 [^]*"code":"request_timeout"/)
})

t.test('a client that waits for 100 Continue gets it before its body is read', async (t) => {
  const { port } = await startGateway(t)
  const client = connectRaw(t, port)
  const body = JSON.stringify(ADA)
  client.send(
    'POST /v1/auth/signup HTTP/1.1',
    'Host: a',
    'Expect: 100-continue',
    'Content-Type: application/json',
    `Content-Length: ${body.length}`,
    '',
    '',
  )
  await client.until(/^HTTP\/1\.1 100 Continue\r\n\r\n$/)
  client.send(body)
  await client.until(/HTTP\/1\.1 201 /)
})

t.test('an audience is minted where one is configured', async (t) => {
  const { origin } = await startGateway(t, { audience: 'edge', issuer: 'https://id.example' })
  const response = await postJson(`${origin}/v1/auth/signup`, ADA)
  t.match(await claimsOf(response), { aud: 'edge', iss: 'https://id.example' })
})

t.test('a client that goes away in the middle of its body makes no user', async (t) => {
  const { origin, port, lastRequest } = await startGateway(t)
  const body = JSON.stringify(ADA)
  const client = connectRaw(t, port)
  client.send(
    'POST /v1/auth/signup HTTP/1.1',
    'Host: a',
    'Content-Type: application/json',
    `Content-Length: ${body.length + 1}`,
    'Expect: 100-continue',
    '',
    body,
  )
  await client.until(/100 Continue/)
  client.socket.destroy()
  await until('the gateway notices', () => lastRequest()?.aborted === true)
  t.match(lastRequest(), { status: 0, route: '/v1/auth/signup' })
  t.equal((await postJson(`${origin}/v1/auth/login`, ADA)).status, 401)
})

t.test('an e-mail that is taken costs no hash', async (t) => {
  const passwordHasher = cheapHasher()
  const { origin } = await startGateway(t, {}, { passwordHasher })
  for (const status of [201, 409, 409])
    t.equal((await postJson(`${origin}/v1/auth/signup`, ADA)).status, status)
  t.equal(passwordHasher.hashed, 1)
})

t.test('two gateways in one process are strangers', async (t) => {
  const service = await startService(t)
  const one = await startGateway(t, { upstream: service.url })
  const other = await startGateway(t, { jwtSecret: Buffer.alloc(32, 1) })
  for (const { origin } of [one, other])
    t.equal((await postJson(`${origin}/v1/auth/signup`, ADA)).status, 201)
  const headers = bearer(mint())
  t.equal((await fetch(`${one.origin}/v1/proxy/`, { headers })).status, 200)
  t.equal((await fetch(`${other.origin}/v1/proxy/`, { headers })).status, 401)
})

t.test('a gateway without the parts of a test logs nowhere and hashes with bcrypt', async (t) => {
  const gateway = createGateway({ jwtSecret: 'x'.repeat(32), upstream: 'http://127.0.0.1:9' })
  const { port } = await gateway.listen(0)
  const url = `http://127.0.0.1:${port}/v1/auth`
  t.equal((await postJson(`${url}/signup`, ADA)).status, 201)
  t.equal((await postJson(`${url}/login`, ADA)).status, 200)
  await gateway.close()
  await gateway.close()
  await t.rejects(fetch(`${url}/login`))
})
