import t from 'tap'
import type { Engine } from '../../lib/stores/engine.js'
import { redisEngine, redisOperator, redisServer } from '../support/redis-engines.js'
import { token, user } from '../support/store-samples.js'
import { conform } from './conformance.js'

const PREFIX = '{passport-gateway}:'

t.test('redis does what every engine must', async (t) => {
  const { port } = await redisServer(t)
  await conform(t, async (t) => {
    await redisOperator(t, port).flushall()
    const engines: [Engine, Engine] = [redisEngine(t, port), redisEngine(t, port)]
    await Promise.all(engines.map((engine) => engine.open()))
    return engines
  })
})

t.test('texts that have no form in UTF-8 lead to nobody else', async (t) => {
  const { port } = await redisServer(t)
  const engine = redisEngine(t, port)
  await engine.open()
  const { users } = engine
  const texts = ['\ud800', '\ud801', '\ufffd', '\udc00a', '\u00ff']
  for (const text of texts) t.equal(await users.insert(user(text)), true)
  for (const text of texts) t.same(await users.findByEmail(text), user(text))
  t.equal(await users.findByEmail('\udfff'), undefined)
})

t.test('a user whose data an operator has deleted is nobody, and ends no list', async (t) => {
  const { port } = await redisServer(t)
  const engine = redisEngine(t, port)
  await engine.open()
  const { users } = engine
  for (const email of ['a', 'b', 'c']) await users.insert(user(email))
  await redisOperator(t, port).del(`${PREFIX}user:user_b`)
  t.equal(await users.findByEmail('b'), undefined)
  const first = await users.list(undefined, 2)
  t.same(first, { users: [user('a')], next: '2' })
  t.same(await users.list('2', 2), { users: [user('c')], next: undefined })
})

t.test('a user is kept as revoked for as long as was ever said', async (t) => {
  const { port } = await redisServer(t)
  const engine = redisEngine(t, port)
  await engine.open()
  const { revocations } = engine
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
