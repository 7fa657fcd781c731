import t from 'tap'
import { cheapHasher, postJson, startGateway } from '../support/gateways.js'
import { connectRaw, exchangeRaw } from '../support/raw-client.js'
import { until } from '../support/until.js'

const ADA = { email: 'ada@example.com', password: 'correct horse' }
const KEY = { 'Idempotency-Key': '8e03978e-40d5-43dd-bc93-6894a57f9324' }

const setUp = async (t: Parameters<typeof startGateway>[0], options = {}) => {
  const passwordHasher = cheapHasher()
  const running = await startGateway(t, options, { passwordHasher })
  const signUp = (body: unknown, headers: Record<string, string> = KEY): Promise<Response> =>
    postJson(`${running.origin}/v1/auth/signup`, body, headers)
  return { ...running, signUp, passwordHasher }
}

t.test(
  '50 simultaneous signups with one key: one hash, one user, 50 identical answers',
  async (t) => {
    const { signUp, passwordHasher, origin } = await setUp(t)
    const responses = await Promise.all(Array.from({ length: 50 }, () => signUp(ADA)))
    const bodies = new Set(await Promise.all(responses.map((response) => response.text())))
    t.equal(bodies.size, 1)
    t.ok(responses.every(({ status }) => status === 201))
    const replayed = responses.filter(
      ({ headers }) => headers.get('idempotent-replayed') === 'true',
    )
    t.equal(replayed.length, 49)
    t.ok(responses.every(({ headers }) => headers.get('cache-control') === 'no-store'))
    t.equal(passwordHasher.hashed, 1)
    t.equal((await postJson(`${origin}/v1/auth/login`, ADA)).status, 200)
  },
)

t.test('same e-mail under another key is 409, and so it stays under that key', async (t) => {
  const { signUp } = await setUp(t)
  t.equal((await signUp(ADA)).status, 201)
  const other = { 'Idempotency-Key': 'other' }
  const first = await signUp(ADA, other)
  const second = await signUp(ADA, other)
  t.same([first.status, second.status], [409, 409])
  t.equal(second.headers.get('idempotent-replayed'), 'true')
  t.equal(await first.text(), await second.text())
})

t.test('same key with another payload is 422 and makes no user', async (t) => {
  const { signUp, origin } = await setUp(t)
  t.equal((await signUp(ADA)).status, 201)
  const bob = { ...ADA, email: 'bob@example.com' }
  const response = await signUp(bob)
  t.equal(response.status, 422)
  t.match(await response.json(), { code: 'idempotency_key_reused' })
  t.equal((await postJson(`${origin}/v1/auth/login`, bob)).status, 401)
})

t.test('an answer is given again for 5 minutes', async (t) => {
  const { signUp, clock } = await setUp(t)
  const first = await (await signUp(ADA)).text()
  clock.advance(299_999)
  t.equal(await (await signUp(ADA)).text(), first)
  clock.advance(1)
  t.equal((await signUp(ADA)).status, 409, 'it runs again')
})

t.test('a key is 1 to 255 visible ASCII characters, quoted or not', async (t) => {
  const { signUp, port } = await setUp(t)
  const good = ['k', 'x'.repeat(255), '"quoted"', '"a \\" b"'.replaceAll(' ', ''), "it's;fine,too"]
  for (const [i, key] of good.entries()) {
    const body = { ...ADA, email: `${i}@example.com` }
    t.equal((await signUp(body, { 'Idempotency-Key': key })).status, 201, key)
  }
  const unquoted = await signUp({ ...ADA, email: '2@example.com' }, { 'Idempotency-Key': 'quoted' })
  t.equal(unquoted.headers.get('idempotent-replayed'), 'true', 'quotes are no part of the key')
  const bad = ['', '""', 'x'.repeat(256), 'a b', '"open', '"a"b"', '"\\a"', '\u00e9']
  for (const key of bad) {
    const response = await signUp({ ...ADA, email: 'x@example.com' }, { 'Idempotency-Key': key })
    t.equal(response.status, 400, key)
    t.match(await response.json(), { errors: [{ field: 'Idempotency-Key' }] })
  }
  const body = JSON.stringify(ADA)
  const twice = await exchangeRaw(
    t,
    port,
    'POST /v1/auth/signup HTTP/1.1',
    'Host: a',
    'Connection: close',
    'Idempotency-Key: a',
    'Idempotency-Key: b',
    'Content-Type: application/json',
    `Content-Length: ${body.length}`,
    '',
    body,
  )
  t.match(twice, /^HTTP\/1\.1 400 /)
})

t.test('a refused body does not take the key', async (t) => {
  const { signUp } = await setUp(t, { limits: { bodyBytes: 100 } })
  t.equal((await signUp({ ...ADA, password: 'short' })).status, 400)
  t.equal((await signUp({ ...ADA, more: 'x'.repeat(100) })).status, 413)
  t.equal((await signUp(ADA, { ...KEY, 'Content-Type': 'text/plain' })).status, 415)
  t.equal((await signUp(ADA)).status, 201)
})

t.test('who disconnects while his signup runs gets its 201 when he retries', async (t) => {
  let finish = (_hash: string): void => {}
  const passwordHasher = {
    hash: () => new Promise<string>((resolve) => (finish = resolve)),
    compare: async () => true,
  }
  const { port, origin, events, lastRequest } = await startGateway(t, {}, { passwordHasher })
  const body = JSON.stringify(ADA)
  const client = connectRaw(t, port)
  client.send(
    'POST /v1/auth/signup HTTP/1.1',
    'Host: a',
    'Idempotency-Key: k',
    'Content-Type: application/json',
    `Content-Length: ${body.length}`,
    '',
    body,
  )
  const unstarted = finish
  await until('the hash runs', () => finish !== unstarted)
  client.socket.destroy()
  await until('the gateway notices', () => lastRequest()?.aborted === true)
  const retried = postJson(`${origin}/v1/auth/signup`, body, { 'Idempotency-Key': 'k' })
  finish('hash')
  const response = await retried
  t.equal(response.status, 201)
  t.equal(response.headers.get('idempotent-replayed'), 'true')
  t.equal(
    events.some(({ event }) => event === 'handler_failed'),
    false,
  )
})

t.test('a signup that fails frees the key, and says so in the log', async (t) => {
  let isBroken = true
  const passwordHasher = {
    hash: async () => {
      if (isBroken) throw new Error('the password was hunter22')
      return 'hash'
    },
    compare: async () => true,
  }
  const { origin, events } = await startGateway(t, {}, { passwordHasher })
  const signUp = (): Promise<Response> => postJson(`${origin}/v1/auth/signup`, ADA, KEY)
  const failed = await signUp()
  t.equal(failed.status, 500)
  t.match(await failed.json(), { code: 'internal_error' })
  t.match(events, [
    { event: 'store_in_memory' },
    { event: 'listening' },
    { event: 'handler_failed', error: 'Error', at: /at / },
  ])
  t.notMatch(JSON.stringify(events), /hunter22/)
  isBroken = false
  t.equal((await signUp()).status, 201)
})

t.test('keys are bounded: expired and old answers make room', async (t) => {
  const { signUp } = await setUp(t, { limits: { idempotencyEntries: 2 } })
  const signUpAs = (name: string): Promise<Response> =>
    signUp({ ...ADA, email: `${name}@example.com` }, { 'Idempotency-Key': name })
  for (const name of ['a', 'b', 'c']) t.equal((await signUpAs(name)).status, 201)
  t.equal((await signUpAs('c')).headers.get('idempotent-replayed'), 'true')
  const again = await signUpAs('a')
  t.equal(again.headers.get('idempotent-replayed'), null, 'the oldest is forgotten')
  t.equal(again.status, 201, 'but the user is found')
})
