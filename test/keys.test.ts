// Secrets that change while the gateway runs.
import t, { type Test } from 'tap'
import { createKeyRing, lastingSecret } from '../lib/jwt/key-ring.js'
import { signToken } from '../lib/jwt/sign.js'
import { ADA, startEdge, tokenOf } from './support/accounts.js'
import { postJson } from './support/gateways.js'
import { entry, secretOf, startFile } from './support/secrets.js'
import { START_SECONDS } from './support/manual-clock.js'
import { wake } from './support/ticks.js'
import { until } from './support/until.js'

const setUp = async (t: Test, options = {}) => {
  const file = startFile(t)
  file.put([entry('old')])
  const edge = await startEdge(t, {
    jwtSecret: undefined,
    jwtSecretsFile: file.path,
    filesCheckMs: 1_000,
    ...options,
  })
  const look = (): Promise<void> => wake(edge.clock, 1_000, 2) // samples of overload sleep too
  const told = (name: string) => edge.events.filter(({ event }) => event === name)
  return { ...edge, file, look, told }
}

const kidIn = (token: string): unknown =>
  (JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()) as { kid?: string })
    .kid

t.test('a rotation logs nobody out, until the old key goes', async (t) => {
  const { file, look, told, signUp, logIn, proxied } = await setUp(t)
  const before = await signUp()
  t.equal(kidIn(before), 'old')
  t.equal(await proxied(before), 200)
  file.put([entry('new'), entry('old')])
  await look()
  t.same(told('secrets_reloaded'), [
    { event: 'secrets_reloaded', option: 'jwtSecretsFile', kids: 'new,old' },
  ])
  const after = await tokenOf(await logIn())
  t.equal(kidIn(after), 'new')
  t.equal(await proxied(before), 200)
  t.equal(await proxied(after), 200)
  file.put([entry('new')])
  await look()
  t.equal(await proxied(before), 401, 'though it was remembered')
  t.equal(await proxied(after), 200)
  await look()
  t.equal(told('secrets_reloaded').length, 2, 'what has not changed is not taken again')
})

t.test('a key ends at its moment, for remembered tokens too', async (t) => {
  const { file, gateway, clock, signUp, proxied } = await setUp(t)
  const before = await signUp()
  const notAfter = new Date((START_SECONDS + 60) * 1000).toISOString()
  file.put([entry('new'), entry('old', { notAfter })])
  gateway.reload()
  t.equal(await proxied(before), 200)
  clock.advance(59_000)
  t.equal(await proxied(before), 200)
  clock.advance(1_000)
  t.equal(await proxied(before), 401)
})

t.test('a file that cannot be used is reported once, and the old ring stays', async (t) => {
  const { file, look, told, signUp, proxied } = await setUp(t, {
    passportSecret: secretOf('passport'),
  })
  const token = await signUp()
  const faults: Array<[string, () => void]> = [
    ['jwtSecretsFile: is not JSON', () => file.put('[')],
    ['jwtSecretsFile: is not JSON', () => file.put('')],
    ['jwtSecretsFile: must be a list of { kid, secret, notAfter }', () => file.put({})],
    ['jwtSecretsFile: must not be empty', () => file.put([])],
    [
      'jwtSecretsFile.0.secret: must have at least 32 bytes',
      () => file.put([{ kid: 'a', secret: 'short' }]),
    ],
    [
      'must not have a secret in common with the other ring: who reads passports could mint tokens',
      () => file.put([entry('a'), entry('passport')]),
    ],
    ['jwtSecretsFile: cannot be read (ENOENT)', () => file.remove()],
  ]
  for (const [i, [cause, fault]] of faults.entries()) {
    fault()
    await look()
    await look()
    t.equal(told('secrets_reload_failed').length, i + 1, 'told once')
    t.match(told('secrets_reload_failed').at(-1), { option: 'jwtSecretsFile', cause })
    t.equal(await proxied(token), 200)
  }
  t.notMatch(JSON.stringify(told('secrets_reload_failed')), /short|passportpassport/)
  file.put([entry('old'), entry('more')])
  await look()
  t.equal(told('secrets_reloaded').length, 1)
})

t.test('passports are signed with a ring of their own, which changes too', async (t) => {
  const file = startFile(t)
  file.put([entry('one')])
  const { gateway, events } = await startEdge(t, { passportSecretsFile: file.path })
  file.put([entry('two'), entry('one')])
  gateway.reload()
  t.match(events.at(-1), {
    event: 'secrets_reloaded',
    option: 'passportSecretsFile',
    kids: 'two,one',
  })
  file.put([{ secret: 'a secret of the tests, at least 32 bytes' }])
  gateway.reload()
  t.match(events.at(-1), { event: 'secrets_reload_failed', option: 'passportSecretsFile' })
})

t.test('a signup is given again though the key has changed meanwhile', async (t) => {
  const { file, gateway, origin } = await setUp(t)
  const signUp = (body: unknown): Promise<Response> =>
    postJson(`${origin}/v1/auth/signup`, body, { 'Idempotency-Key': 'k' })
  const first = await (await signUp(ADA)).text()
  file.put([entry('new'), entry('old')])
  gateway.reload()
  const second = await signUp(ADA)
  t.equal(second.headers.get('idempotent-replayed'), 'true')
  t.equal(await second.text(), first)
  t.equal((await signUp({ ...ADA, country: 'IN' })).status, 422)
  file.put([entry('new')])
  gateway.reload()
  t.equal(await (await signUp(ADA)).text(), first, 'also when the old one is gone')
  file.put([entry('newer'), { kid: 'new', secret: secretOf('other') }])
  gateway.reload()
  t.equal((await postJson(`${origin}/v1/auth/signup`, ADA, { 'Idempotency-Key': 'l' })).status, 409)
})

t.test('keys rotate under load, and no request is refused', async (t) => {
  const { file, gateway, proxied } = await setUp(t)
  const rounds = 30
  let round = 0
  let answered = 0
  const refused: number[] = []
  file.put([entry('k0')])
  gateway.reload()
  const work = async (): Promise<void> => {
    while (round < rounds) {
      // Of the key that signs now; behind the next rotation it still verifies.
      const ring = createKeyRing([
        { ...lastingSecret(Buffer.from(secretOf(`k${round}`))), kid: `k${round}` },
      ])
      const claims = { sub: 'user_ada', iat: START_SECONDS, exp: START_SECONDS + 60 }
      const token = signToken(ring, claims)
      for (let i = 0; i < 2; i++) {
        const status = await proxied(token)
        if (status !== 200) refused.push(status)
        answered++
      }
    }
  }
  const workers = Promise.all(Array.from({ length: 8 }, work))
  while (round < rounds) {
    const before = answered
    file.put([entry(`k${round + 1}`), entry(`k${round}`), entry(`k${round - 1}`)])
    gateway.reload()
    round++
    await until('all have moved on', () => answered >= before + 32 || round === rounds)
  }
  await workers
  t.same(refused, [])
  t.ok(answered > 900, `${answered} requests`)
})

t.test(
  'two files that change together are both taken, in whatever order they are found',
  async (t) => {
    const passports = startFile(t)
    passports.put([entry('shared')])
    const { file, gateway, signUp, proxied, told } = await setUp(t, {
      passportSecretsFile: passports.path,
    })
    const token = await signUp()
    passports.put([entry('fresh')])
    file.put([entry('shared')])
    gateway.reload()
    t.equal(told('secrets_reload_failed').length, 1, 'the first waits for the second')
    gateway.reload()
    t.equal(told('secrets_reload_failed').length, 1)
    t.equal(told('secrets_reloaded').length, 2)
    t.equal(await proxied(token), 401)
  },
)

t.test('a file with a byte order mark is a file like any other', async (t) => {
  const { file, gateway, told } = await setUp(t)
  file.put(`\ufeff${JSON.stringify([entry('new')])}`)
  gateway.reload()
  t.match(told('secrets_reloaded'), [{ kids: 'new' }])
})
