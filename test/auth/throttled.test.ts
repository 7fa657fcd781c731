// How often one can try to sign up, to log in, to change a password, and to be an operator.
import t, { type Test } from 'tap'
import { ADA, startEdge } from '../support/accounts.js'
import { createDatabase } from '../support/database.js'
import { cheapHasher, postJson, startGateway } from '../support/gateways.js'
import { createManualClock } from '../support/manual-clock.js'
import { operatorOf, WITH_ADMIN } from '../support/operator.js'

const limitsOf = (addressAttempts: number, accountAttempts: number) => ({
  throttle: { addressAttempts, accountAttempts },
})
const WRONG = { ...ADA, password: 'not the right one' }

const refused = async (t: Test, response: Response, policy: string, quota: number) => {
  t.equal(response.status, 429)
  t.equal(response.headers.get('content-type'), 'application/problem+json')
  t.match(await response.json(), { code: 'too_many_requests', status: 429 })
  t.equal(response.headers.get('retry-after'), '60')
  t.equal(response.headers.get('ratelimit-policy'), `"${policy}";q=${quota};w=60`)
  t.equal(response.headers.get('ratelimit'), `"${policy}";r=0;t=60`)
}

t.test('an account can be tried ten times a minute, from wherever, there or not', async (t) => {
  const passwordHasher = cheapHasher()
  const trusting = { trustProxy: ['127.0.0.1'], throttle: {} }
  const { origin, clock, lastRequest } = await startGateway(t, trusting, { passwordHasher })
  const logIn = (body: object, i: number): Promise<Response> =>
    postJson(`${origin}/v1/auth/login`, body, { 'X-Forwarded-For': `192.0.2.${i}` })
  await postJson(`${origin}/v1/auth/signup`, ADA)
  for (const email of [ADA.email, 'nobody@example.com']) {
    for (let i = 0; i < 10; i++) t.equal((await logIn({ ...WRONG, email }, i)).status, 401)
    const compared = passwordHasher.compared
    await refused(t, await logIn({ ...ADA, email }, 11), 'account', 10)
    t.equal(lastRequest()?.reason, 'too_many_by_account')
    t.equal((await logIn({ ...ADA, email: ` ${email.toUpperCase()}` }, 12)).status, 429)
    t.equal(passwordHasher.compared, compared, 'without a look at the password')
  }
  clock.advance(60_000)
  t.equal((await logIn(ADA, 13)).status, 200)
})

t.test('an address can try sixty times a minute, and success takes nothing back', async (t) => {
  const { origin, lastRequest } = await startGateway(t, { throttle: {} })
  const post = (name: string, body: unknown): Promise<Response> =>
    postJson(`${origin}/v1/auth/${name}`, body)
  t.equal((await post('signup', ADA)).status, 201)
  for (let i = 0; i < 58; i++)
    t.equal((await post('login', { ...WRONG, email: `${i}@example.com` })).status, 401)
  t.equal((await post('login', ADA)).status, 200)
  t.equal((await post('login', 'no JSON')).status, 400)
  await refused(t, await post('login', ADA), 'address', 60)
  t.equal(lastRequest()?.reason, 'too_many_by_address')
  t.equal((await post('login', 'no JSON')).status, 429, 'before the body is read')
  t.equal((await post('signup', { ...ADA, email: 'bob@example.com' })).status, 201)
})

t.test('who signs up is counted by address and by e-mail', async (t) => {
  const { origin } = await startGateway(t, limitsOf(5, 2))
  const signUp = (email: string, key: string): Promise<Response> =>
    postJson(`${origin}/v1/auth/signup`, { ...ADA, email }, { 'Idempotency-Key': key })
  t.equal((await signUp('a@b.cd', 'one')).status, 201)
  t.equal((await signUp('a@b.cd', 'two')).status, 409)
  await refused(t, await signUp('a@b.cd', 'one'), 'account', 2)
  t.equal((await signUp('b@b.cd', 'three')).status, 201)
  t.equal((await signUp('c@b.cd', 'four')).status, 201)
  await refused(t, await signUp('d@b.cd', 'five'), 'address', 5)
})

t.test('a stolen token tries few passwords', async (t) => {
  const { signUp, auth, clock } = await startEdge(t, limitsOf(5, 2))
  const token = await signUp()
  const change = (current: string): Promise<Response> =>
    auth('password', token, { current_password: current, new_password: 'another one' })
  for (let i = 0; i < 2; i++) t.equal((await change('a guess of it')).status, 403)
  await refused(t, await change(ADA.password), 'account', 2)
  clock.advance(60_000)
  for (let i = 0; i < 5; i++) await auth('password', 'no token', {})
  await refused(t, await change(ADA.password), 'address', 5)
  clock.advance(60_000)
  t.equal((await change(ADA.password)).status, 200)
})

t.test('an address can show few wrong tokens of operators, and the right one always', async (t) => {
  const gateway = await startGateway(t, { ...WITH_ADMIN, ...limitsOf(3, 2) })
  const operator = operatorOf(gateway)
  const call = (token: string): Promise<Response> =>
    operator.call('GET', '/v1/users', undefined, { Authorization: `Bearer ${token}` })
  for (let i = 0; i < 3; i++) t.equal((await call('a guess')).status, 401)
  await refused(t, await call('another'), 'address', 3)
  t.equal((await operator.call('GET', '/v1/users')).status, 200)
})

t.test('gateways over one store count together, and none lets in while it is away', async (t) => {
  const clock = createManualClock()
  const database = createDatabase(clock)
  const start = () => startGateway(t, limitsOf(60, 4), { store: database.connect(), clock })
  const gateways = await Promise.all([start(), start()])
  const logIn = (i: number): Promise<Response> =>
    postJson(`${gateways[i % 2]?.origin}/v1/auth/login`, WRONG)
  for (let i = 0; i < 4; i++) t.equal((await logIn(i)).status, 401)
  for (let i = 0; i < 2; i++) await refused(t, await logIn(i), 'account', 4)
  clock.advance(60_000)
  database.state.isDown = true
  t.equal((await logIn(0)).status, 503)
})
