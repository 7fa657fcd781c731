// Redis as it refuses its user.
import t from 'tap'
import { redisEngine, redisOperator, redisServer } from '../support/redis-engines.js'
import { token, verbsOf } from '../support/store-samples.js'

const PREFIX = '{passport-gateway}:'

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
  for (const verb of verbsOf(engine)) await verb()
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
