// What is refused costs the same work whatever is wrong, so that its time tells nothing.
import t, { type Test } from 'tap'
import { costOf } from '../../lib/users/bcrypt-hash.js'
import { createDatabase } from '../support/database.js'
import { cheapHasher, mint, postJson, startGateway } from '../support/gateways.js'
import { createManualClock } from '../support/manual-clock.js'
import { HASH, operatorOf, WITH_ADMIN } from '../support/operator.js'

const PASSWORD = 'correct horse'
const LONGEST = 'x'.repeat(72)
const REST = 'a'.repeat(53)

/** Hashes that say no at once, or could be read as another. */
const UNUSABLE = {
  empty: '',
  'no hash': 'malformed',
  'of PHP': `$2y$10$${REST}`,
  'of another version': `$2x$10$${REST}`,
  'without a version': `$2$10$${REST}`,
  'of a cost too high': `$2b$31$${REST}`,
  'of a cost too low': `$2b$03$${REST}`,
  'cut short': `$2b$10$${REST.slice(1)}`,
  'too long': `$2b$10$${REST}a`,
  'with a foreign letter': `$2b$10$${REST.slice(1)}+`,
  'of Argon2': '$argon2id$v=19$m=65536,t=3,p=4$c2FsdA$aGFzaA',
}

const ADDED = { subscription: 'free', country: 'ZZ', platform: 'unknown', createdAtSeconds: 0 }

/** A gateway that knows users of every kind, and what its hasher has done since it was last asked. */
const setUp = async (t: Test) => {
  const hasher = cheapHasher()
  const works: string[] = []
  const passwordHasher = {
    hash: (password: string, cost: number) => {
      works.push(`hash ${cost}`)
      return hasher.hash(password, cost)
    },
    compare: (password: string, hash: string) => {
      works.push(`compare ${costOf(hash)}`)
      return hasher.compare(password, hash)
    },
  }
  const clock = createManualClock()
  const store = createDatabase(clock).connect()
  const gateway = await startGateway(t, WITH_ADMIN, { passwordHasher, store, clock })
  const passwordHash = await hasher.hash(PASSWORD, 10)
  const add = (name: string, user = {}) =>
    store.users.insert({
      ...ADDED,
      id: name,
      email: `${name}@example.com`,
      passwordHash,
      isDisabled: false,
      ...user,
    })
  await add('ada')
  await add('long', { passwordHash: await hasher.hash(LONGEST, 10) })
  await add('disabled', { isDisabled: true })
  await add('imported', { passwordHash: await hasher.hash(PASSWORD, 4) })
  await add('disabled-imported', { isDisabled: true, passwordHash: HASH })
  for (const [kind, hash] of Object.entries(UNUSABLE))
    await add(kind.replaceAll(' ', '-'), { passwordHash: hash })
  return {
    ...gateway,
    post: (name: string, body: unknown, headers = {}) =>
      postJson(`${gateway.origin}/v1/auth/${name}`, body, headers),
    takeWorks: () => works.splice(0),
  }
}

/** All that a client can see of an answer, but for what differs each time. */
const visible = async (response: Response): Promise<unknown> => {
  const { request_id: id, ...body } = (await response.json()) as Record<string, unknown>
  const fields = [...response.headers].filter(([name]) => !/^(date|x-request-id)$/.test(name))
  return { hasId: typeof id === 'string', status: response.status, body, fields }
}

t.test('every login that is refused does one comparison, and looks alike', async (t) => {
  const { post, takeWorks, lastRequest } = await setUp(t)
  const rows: Array<[kind: string, name: string, password: string]> = [
    ['unknown e-mail', 'bob', PASSWORD],
    ['what is no e-mail', '\0 @', PASSWORD],
    ['wrong password', 'ada', 'correct horsE'],
    ['empty password', 'ada', ''],
    ['password and more', 'ada', `${PASSWORD}\0more`],
    ['lone surrogate', 'ada', '\ud800'],
    ['73 bytes, the first 72 right', 'long', `${LONGEST}x`],
    ['71 of 72 bytes', 'long', LONGEST.slice(1)],
    ['10 KB', 'ada', 'x'.repeat(10_000)],
    ['10 KB, unknown e-mail', 'bob', 'x'.repeat(10_000)],
    ['disabled, right password', 'disabled', PASSWORD],
    ['disabled, wrong password', 'disabled', 'wrong'],
    ['disabled, hash of another cost', 'disabled-imported', PASSWORD],
    ...Object.keys(UNUSABLE).map((kind): [string, string, string] => [
      `hash ${kind}`,
      kind.replaceAll(' ', '-'),
      PASSWORD,
    ]),
  ]
  const looks = new Set<string>()
  for (const [kind, name, password] of rows) {
    const response = await post('login', { email: `${name}@example.com`, password })
    t.equal(response.status, 401, kind)
    t.same(takeWorks(), ['compare 10'], kind)
    t.equal(lastRequest()?.reason, 'invalid_credentials', kind)
    looks.add(JSON.stringify(await visible(response)))
  }
  t.equal(looks.size, 1)
  t.match([...looks][0], /invalid_credentials.*Bearer realm=/)
  t.equal((await post('login', { email: ' ADA@example.COM', password: PASSWORD })).status, 200)
  t.same(takeWorks(), ['compare 10'], 'as much as one that is right')
})

t.test('an imported hash of another cost gets a new one at the first login', async (t) => {
  const gateway = await setUp(t)
  const { post, takeWorks, events } = gateway
  const { call } = operatorOf(gateway)
  const exported = async (): Promise<string | undefined> => {
    const response = await call('GET', '/v1/users/export?limit=100')
    const { users } = (await response.json()) as {
      users: Array<{ user_id: string; password_hash: string }>
    }
    return users.find(({ user_id: id }) => id === 'imported')?.password_hash
  }
  const logIn = (password: string): Promise<Response> =>
    post('login', { email: 'imported@example.com', password })
  const before = await exported()
  t.equal((await logIn('wrong')).status, 401)
  t.same(takeWorks(), ['compare 4'])
  t.equal(await exported(), before, 'not with a wrong password')
  const first = await logIn(PASSWORD)
  t.equal(first.status, 200)
  t.same(takeWorks(), ['compare 4', 'hash 10'])
  const renewed = (await exported()) ?? ''
  t.equal(costOf(renewed), 10)
  t.equal((await logIn(PASSWORD)).status, 200)
  t.same(takeWorks(), ['compare 10'])
  t.equal(await exported(), renewed, 'once')
  t.equal((await logIn('wrong')).status, 401)
  t.same(takeWorks(), ['compare 10'])
  const { token } = (await first.json()) as { token: string }
  const me = await fetch(`${gateway.origin}/v1/auth/me`, {
    headers: { Authorization: `Bearer ${token}` },
  })
  t.equal(me.status, 200, 'no token is revoked')
  for (const hash of [before ?? '', renewed]) t.notMatch(JSON.stringify(events), hash.slice(7))
})

t.test('of an e-mail that is taken a signup tells no more than that', async (t) => {
  const { post, takeWorks } = await setUp(t)
  const looks = new Set<string>()
  for (const name of ['ada', 'disabled', 'imported', 'no-hash'])
    for (const password of [PASSWORD, 'another one'])
      for (const headers of [
        {},
        { 'Idempotency-Key': `${name} ${password}`.replaceAll(' ', '-') },
      ]) {
        const response = await post('signup', { email: `${name}@example.com`, password }, headers)
        t.equal(response.status, 409, name)
        t.same(takeWorks(), [], name)
        looks.add(JSON.stringify(await visible(response)))
      }
  t.equal(looks.size, 1)
})

t.test('every change of password with a wrong one does one comparison', async (t) => {
  const { post, takeWorks } = await setUp(t)
  const rows: Array<[kind: string, name: string, password: string]> = [
    ['wrong', 'ada', 'correct horsE'],
    ['empty', 'ada', ''],
    ['and more', 'ada', `${PASSWORD}\0more`],
    ['lone surrogate', 'ada', '\ud800'],
    ['73 bytes, the first 72 right', 'long', `${LONGEST}x`],
    ['unusable hash', 'of-PHP', PASSWORD],
  ]
  const looks = new Set<string>()
  for (const [kind, name, password] of rows) {
    const body = { current_password: password, new_password: 'battery staple' }
    const headers = { Authorization: `Bearer ${mint({ sub: name })}` }
    const response = await post('password', body, headers)
    t.equal(response.status, 403, kind)
    t.same(takeWorks(), ['compare 10'], kind)
    looks.add(JSON.stringify(await visible(response)))
  }
  t.equal(looks.size, 1)
})
