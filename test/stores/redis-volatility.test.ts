import { EventEmitter } from 'node:events'
import t from 'tap'
import { isKnownToKeep } from '../../lib/stores/redis-volatility.js'
import { redisEngine, redisOperator, redisServer } from '../support/redis-engines.js'

const EVICTS = { message: /^redis evicts keys when its memory is full/, isPassing: false }
const NO_FILE = {
  message: /^redis keeps no append-only file: users could be lost; set appendonly yes/,
  isPassing: false,
}

t.test('a redis without a file is refused for users, unless that is allowed', async (t) => {
  const { port } = await redisServer(t, { isDurable: false })
  await t.rejects(redisEngine(t, port).open(), NO_FILE)
  await redisEngine(t, port, { keepsUsers: false }).open()
  await redisEngine(t, port, { allowVolatile: true }).open()
})

t.test('a redis that evicts anything is refused for everything, unless allowed', async (t) => {
  const { port } = await redisServer(t)
  const operator = redisOperator(t, port)
  for (const policy of [
    'volatile-lru',
    'volatile-lfu',
    'volatile-ttl',
    'volatile-random',
    'allkeys-lru',
    'allkeys-lfu',
    'allkeys-random',
  ]) {
    await operator.config('SET', 'maxmemory-policy', policy)
    for (const keepsUsers of [true, false])
      await t.rejects(redisEngine(t, port, { keepsUsers }).open(), EVICTS, policy)
    await redisEngine(t, port, { allowVolatile: true }).open()
  }
})

t.test('what a redis may lose is known where its settings may not be read', async (t) => {
  const { port } = await redisServer(t)
  const operator = redisOperator(t, port)
  await operator.call('ACL', 'SETUSER', 'blind', 'on', '>p', '~*', '&*', '+@all', '-config')
  const blind = { username: 'blind', password: 'p', warn: () => t.fail('it is known') }
  await redisEngine(t, port, blind).open()
  await operator.config('SET', 'maxmemory-policy', 'volatile-ttl')
  await t.rejects(redisEngine(t, port, blind).open(), EVICTS)
  await operator.config('SET', 'maxmemory-policy', 'noeviction')
  await operator.config('SET', 'appendonly', 'no')
  await t.rejects(redisEngine(t, port, blind).open(), NO_FILE)
  await redisEngine(t, port, { ...blind, keepsUsers: false }).open()
})

t.test('a redis that tells nothing of itself is taken, with one warning', async (t) => {
  const { port } = await redisServer(t, { isDurable: false })
  const rights = ['on', '>p', '~*', '&*', '+@all', '-config', '-info']
  await redisOperator(t, port).call('ACL', 'SETUSER', 'blind', ...rights)
  const causes: string[] = []
  const blind = { username: 'blind', password: 'p', warn: (cause: string) => causes.push(cause) }
  const engine = redisEngine(t, port, blind)
  for (let i = 0; i < 2; i++) await engine.open()
  t.same(causes, [
    'redis does not tell whether it keeps an append-only file, or what it evicts when its memory is full',
  ])
  await redisEngine(t, port, { ...blind, allowVolatile: true }).open()
  t.equal(causes.length, 1, 'who allows it need not be warned')
})

t.test('a file that nobody tells of is in doubt for users alone', async (t) => {
  const call = async (_command: string, ...args: unknown[]): Promise<unknown> =>
    args[1] === 'maxmemory-policy' ? ['maxmemory-policy', 'noeviction'] : []
  const unused = async (): Promise<void> => {}
  const client = Object.assign(new EventEmitter(), {
    status: 'ready',
    connect: unused,
    disconnect: () => {},
    call,
    callBuffer: unused,
  })
  t.equal(await isKnownToKeep(client, false), true)
  t.equal(await isKnownToKeep(client, true), false)
})
