// Redis as it refuses its user.
import t from 'tap'
import type { Engine } from '../../lib/stores/engine.js'
import { redisEngine, redisOperator, redisServer } from '../support/redis-engines.js'
import { token, user } from '../support/store-samples.js'

const PREFIX = '{passport-gateway}:'

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
  const deaf = redisEngine(t, port, { username: 'deaf', password: 'p' })
  await deaf.open()
  t.equal(await deaf.revocations.addToken(token('b')), true, 'without news nothing is missed')
})
