import t from 'tap'
import type { Engine } from '../../lib/stores/engine.js'
import { redisEngine, redisOperator, redisServer } from '../support/redis-engines.js'
import { until } from '../support/until.js'
import { conform } from './conformance.js'
import { startRedis } from '../support/redis.js'
import type { User } from '../../lib/users/user-store.js'
import { createServer } from 'node:net'
import { once } from 'node:events'
import { freePort } from '../support/port.js'

const PREFIX = '{passport-gateway}:'
const UNAVAILABLE = { code: 'store_unavailable' }

const user = (email: string, more: Partial<User> = {}): User => ({
  id: `user_${email}`,
  email,
  passwordHash: 'hash',
  subscription: 'free',
  country: 'ZZ',
  platform: 'unknown',
  isDisabled: false,
  createdAtSeconds: 0,
  ...more,
})

const token = (tokenId: string) => ({
  tokenId,
  userId: 'user_ada',
  issuedAtMs: Date.now(),
  expSeconds: Math.floor(Date.now() / 1000) + 600,
})

/** One of each verb that a request may need. */
const verbs = (engine: Engine): Array<() => Promise<unknown>> => [
  () => engine.ping(),
  () => engine.users.insert(user('bob')),
  () => engine.users.findByEmail('bob'),
  () => engine.users.list(undefined, 2),
  () => engine.idempotency.claim('k', 'f', 1_000),
  () => engine.revocations.addToken(token('a')),
  () => engine.revocations.issueMs('user_ada'),
  () => engine.revocations.read(undefined, 2),
]

t.test('redis does what every engine must', async (t) => {
  const { port, stop } = await startRedis()
  t.after(stop)
  await conform(t, async (t) => {
    await redisOperator(t, port).flushall()
    const engines: [Engine, Engine] = [redisEngine(t, port), redisEngine(t, port)]
    await Promise.all(engines.map((engine) => engine.open()))
    return engines
  })
})

t.test('texts that have no form in UTF-8 lead to nobody else', async (t) => {
  const { port } = await redisServer(t)
  const { users, open } = redisEngine(t, port)
  await open()
  const texts = ['\ud800', '\ud801', '\ufffd', '\udc00a', '\u00ff']
  for (const text of texts) t.equal(await users.insert(user(text)), true)
  for (const text of texts) t.same(await users.findByEmail(text), user(text))
  t.equal(await users.findByEmail('\udfff'), undefined)
})

t.test('a user whose data an operator has deleted is nobody, and ends no list', async (t) => {
  const { port } = await redisServer(t)
  const { users, open } = redisEngine(t, port)
  await open()
  for (const email of ['a', 'b', 'c']) await users.insert(user(email))
  await redisOperator(t, port).del(`${PREFIX}user:user_b`)
  t.equal(await users.findByEmail('b'), undefined)
  const first = await users.list(undefined, 2)
  t.same(first, { users: [user('a')], next: '2' })
  t.same(await users.list('2', 2), { users: [user('c')], next: undefined })
})

t.test('a user is kept as revoked for as long as was ever said', async (t) => {
  const { port } = await redisServer(t)
  const { revocations, open } = redisEngine(t, port)
  await open()
  for (const [said, kept] of [
    [2e9, 2e9],
    [1.9e9, 2e9],
    [2.1e9, 2.1e9],
    [Infinity, Infinity],
    [2.2e9, Infinity],
  ] as const) {
    await revocations.raiseUser('user_ada', 1, said)
    t.match((await revocations.read(undefined, 2)).entries, [{ keepUntilSeconds: kept }])
  }
})

t.test('what is kept survives the death of redis, and the engine works again', async (t) => {
  const server = await redisServer(t)
  const engine = redisEngine(t, server.port)
  await engine.open()
  let told = 0
  engine.revocations.listen(() => told++)
  await engine.users.insert(user('ada'))
  await engine.revocations.addToken(token('before'))
  await until('it is told', () => told > 0)
  const { position } = await engine.revocations.read(undefined, 9)
  await server.kill()
  for (const verb of verbs(engine)) await t.rejects(verb(), UNAVAILABLE)
  const before = told
  await server.start()
  await until('it answers', () =>
    engine.ping().then(
      () => true,
      () => false,
    ),
  )
  t.same(await engine.users.findByEmail('ada'), user('ada'))
  await until('news are told again', () => told > before)
  await engine.revocations.addToken(token('after'))
  const { entries } = await engine.revocations.read(position, 9)
  t.match(entries, [{ tokenId: 'after' }], 'read on from where it was')
})

t.test('where redis lost its data, revocations are read from the first on', async (t) => {
  const server = await redisServer(t, { isDurable: false })
  const engine = redisEngine(t, server.port, { allowVolatile: true })
  await engine.open()
  const ids = async (from?: string) => {
    const { entries, position } = await engine.revocations.read(from, 99)
    return { found: entries.map((entry) => 'tokenId' in entry && entry.tokenId), position }
  }
  for (const id of ['a', 'b', 'c']) await engine.revocations.addToken(token(id))
  const { position } = await ids()
  t.same((await ids(position)).found, [])
  await server.kill()
  await server.start()
  await until('it answers', () =>
    engine.ping().then(
      () => true,
      () => false,
    ),
  )
  await engine.revocations.addToken(token('d'))
  const later = await ids(position)
  t.same(later.found, ['d'])
  t.same((await ids(later.position)).found, [])
  const operator = redisOperator(t, server.port)
  await operator.set(`${PREFIX}revocations:last`, '7')
  t.same((await ids(later.position)).found, ['d'], 'as after a loss of only the last entries')
  for (const strange of ['', 'x', '1.2', `${position}9`.repeat(9)])
    t.same((await ids(strange)).found, ['d'], strange)
})

t.test('a redis that does not answer costs no more than the time there is', async (t) => {
  const server = await redisServer(t)
  const engine = redisEngine(t, server.port, { timeoutMs: 300 })
  await engine.open()
  server.freeze()
  const startMs = performance.now()
  await Promise.all(verbs(engine).map((verb) => t.rejects(verb(), UNAVAILABLE)))
  await t.rejects(redisEngine(t, server.port, { timeoutMs: 300 }).open(), {
    message: 'redis cannot be reached',
    isPassing: true,
  })
  t.ok(performance.now() - startMs < 2_000)
  server.thaw()
  await until('it answers', () =>
    engine.ping().then(
      () => true,
      () => false,
    ),
  )
})

t.test('a redis that is not there can be opened once it is', async (t) => {
  const server = await redisServer(t)
  await server.kill()
  const engine = redisEngine(t, server.port)
  for (let i = 0; i < 15; i++)
    await t.rejects(engine.open(), { message: 'redis cannot be reached', isPassing: true })
  await server.start()
  await until('it is open', () =>
    engine.open().then(
      () => true,
      () => false,
    ),
  )
  await engine.open()
  t.equal(await engine.users.insert(user('ada')), true)
  await engine.close()
  await t.rejects(engine.ping(), UNAVAILABLE)
})

t.test('a connection that is lost at once is no redis', async (t) => {
  const server = createServer((socket) => void socket.on('error', () => {}).end())
  server.listen(await freePort(), '127.0.0.1')
  await once(server, 'listening')
  t.after(() => void server.close())
  const { port } = server.address() as { port: number }
  const engine = redisEngine(t, port, { timeoutMs: 200, hasSubscriber: false })
  await t.rejects(engine.open(), { message: 'redis cannot be reached', isPassing: true })
})

t.test('a wrong password is said to be one, and shown nowhere', async (t) => {
  const { port } = await redisServer(t, { password: 'right' })
  const refused = { message: 'redis refuses the password', isPassing: false }
  await t.rejects(redisEngine(t, port, { password: 'sesame' }).open(), refused)
  await t.rejects(redisEngine(t, port).open(), refused)
  const error = await redisEngine(t, port, { password: 'sesame' })
    .open()
    .catch((error: unknown) => error)
  t.notMatch(JSON.stringify(error, Object.getOwnPropertyNames(error)), /sesame/)
  await redisEngine(t, port, { password: 'right' }).open()
})

t.test('what its user may not do is known when it is opened', async (t) => {
  const { port } = await redisServer(t)
  const operator = redisOperator(t, port)
  const rights = ['on', '>p', `~${PREFIX}*`, `&${PREFIX}*`, '+@all', '-config']
  await operator.call('ACL', 'SETUSER', 'gateway', ...rights)
  const engine = redisEngine(t, port, { username: 'gateway', password: 'p' })
  await engine.open()
  for (const verb of verbs(engine)) await verb()
  await operator.call('ACL', 'SETUSER', 'mute', ...rights, '-eval', '-evalsha')
  await t.rejects(redisEngine(t, port, { username: 'mute', password: 'p' }).open(), {
    message: 'redis does not permit its user what the gateway needs',
    isPassing: false,
  })
  await operator.call('ACL', 'SETUSER', 'deaf', ...rights, '-publish', '-subscribe')
  const deaf = redisEngine(t, port, { username: 'deaf', password: 'p', timeoutMs: 300 })
  await deaf.open()
  t.equal(await deaf.revocations.addToken(token('b')), true, 'without news nothing is missed')
})

t.test('a redis that may lose users is refused, unless that is allowed', async (t) => {
  const { port } = await redisServer(t, { isDurable: false })
  const operator = redisOperator(t, port)
  const noFile = {
    message: /^redis keeps no append-only file: users could be lost; set appendonly yes/,
    isPassing: false,
  }
  await t.rejects(redisEngine(t, port).open(), noFile)
  await redisEngine(t, port, { keepsUsers: false }).open()
  await redisEngine(t, port, { allowVolatile: true }).open()
  const evicts = { message: /^redis evicts any key when its memory is full/, isPassing: false }
  for (const [policy, isRefused] of [
    ['noeviction', false],
    ['volatile-lru', false],
    ['volatile-ttl', false],
    ['allkeys-lru', true],
    ['allkeys-lfu', true],
    ['allkeys-random', true],
  ] as const) {
    await operator.config('SET', 'maxmemory-policy', policy)
    const opened = redisEngine(t, port, { keepsUsers: false }).open()
    await (isRefused ? t.rejects(opened, evicts, policy) : t.resolves(opened, policy))
    await t.resolves(redisEngine(t, port, { allowVolatile: true }).open())
  }
})

t.test('a newer schema is refused, and an older one is not', async (t) => {
  const { port } = await redisServer(t)
  const operator = redisOperator(t, port)
  const engines = Array.from({ length: 8 }, () => redisEngine(t, port))
  await Promise.all(engines.map((engine) => engine.open()))
  t.equal(await operator.get(`${PREFIX}schema`), '1')
  const epoch = await operator.get(`${PREFIX}epoch`)
  await redisEngine(t, port).open()
  t.equal(await operator.get(`${PREFIX}epoch`), epoch)
  await operator.set(`${PREFIX}schema`, '2')
  await t.rejects(redisEngine(t, port).open(), {
    message: 'the store has a newer schema (2) than this version knows (1)',
    isPassing: false,
  })
  t.equal(await operator.get(`${PREFIX}schema`), '2')
})

t.test('where memory is full, what would add is refused as overload, whole', async (t) => {
  const { port } = await redisServer(t)
  const operator = redisOperator(t, port)
  const engine = redisEngine(t, port)
  await engine.open()
  const { users, idempotency, revocations } = engine
  await users.insert(user('ada'))
  const past = { expSeconds: Math.floor(Date.now() / 1000) - 301 }
  await revocations.addToken({ ...token('old'), ...past })
  await operator.config('SET', 'maxmemory', '1')
  const overloaded = { code: 'overloaded' }
  await t.rejects(users.insert(user('bob')), overloaded)
  await t.rejects(idempotency.claim('k', 'f', 1_000), overloaded)
  t.equal(await revocations.addToken(token('a')), true, 'in the place of one that is over')
  await t.rejects(revocations.addToken(token('b')), overloaded)
  await t.rejects(revocations.raiseUser('user_ada', 1, Infinity), overloaded)
  t.same(await users.findByEmail('ada'), user('ada'), 'what is there is read')
  t.match((await revocations.read(undefined, 9)).entries, [{ tokenId: 'a' }])
  await redisEngine(t, port).open()
  t.equal(await users.remove('user_ada'), true)
  await operator.config('SET', 'maxmemory', '0')
  t.equal(await users.findByEmail('bob'), undefined)
  t.equal(await users.insert(user('bob')), true)
})

t.test(
  'an engine without a subscriber is told no news, and scripts may be forgotten',
  async (t) => {
    const { port } = await redisServer(t)
    const engine = redisEngine(t, port, { hasSubscriber: false })
    await engine.open()
    engine.revocations.listen(() => t.fail('told'))
    await engine.revocations.addToken(token('a'))
    await redisOperator(t, port).script('FLUSH')
    t.equal(await engine.revocations.addToken(token('a')), false)
    const keys = await redisOperator(t, port).keys('*')
    t.same(
      keys.filter((key) => !key.startsWith(PREFIX)),
      [],
    )
  },
)
