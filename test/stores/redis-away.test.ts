// Redis as it fails: gone, frozen, emptied, or not as it must be.
import { EventEmitter, once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { Redis } from 'ioredis'
import t from 'tap'
import { createRedisEngine, redisClientOptions } from '../../lib/stores/redis.js'
import { redisEngine, redisOperator, redisServer } from '../support/redis-engines.js'
import { isThere, token, user, verbsOf } from '../support/store-samples.js'
import { until } from '../support/until.js'

const PREFIX = '{passport-gateway}:'
const UNAVAILABLE = { code: 'store_unavailable' }

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
  for (const verb of verbsOf(engine)) await t.rejects(verb(), UNAVAILABLE)
  const before = told
  await server.start()
  await until('it answers', () => isThere(engine))
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
  await until('it answers', () => isThere(engine))
  await engine.revocations.addToken(token('d'))
  const later = await ids(position)
  t.same(later.found, ['d'])
  t.same((await ids(later.position)).found, [])
  const operator = redisOperator(t, server.port)
  await operator.del(`${PREFIX}epoch`)
  const again = await ids(later.position)
  t.same(again.found, ['d'], 'whatever the clock says of the places')
  t.same((await ids(again.position)).found, [])
  await operator.set(`${PREFIX}revocations:last`, '7')
  t.same((await ids(again.position)).found, ['d'], 'as after a loss of only the last entries')
  for (const strange of ['', 'x', '1.2', `${position}9`.repeat(9)])
    t.same((await ids(strange)).found, ['d'], strange)
})

t.test('a redis that does not answer costs no more than the time there is', async (t) => {
  const server = await redisServer(t)
  const engine = redisEngine(t, server.port, { timeoutMs: 300 })
  await engine.open()
  server.freeze()
  const startMs = performance.now()
  await Promise.all(verbsOf(engine).map((verb) => t.rejects(verb(), UNAVAILABLE)))
  await t.rejects(redisEngine(t, server.port, { timeoutMs: 300 }).open(), {
    message: 'redis cannot be reached',
    isPassing: true,
  })
  t.ok(performance.now() - startMs < 2_000)
  server.thaw()
  await until('it answers', () => isThere(engine))
})

t.test('what was refused as too late is not sent to the redis that comes after', async (t) => {
  const server = await redisServer(t)
  const engine = redisEngine(t, server.port, { timeoutMs: 300 })
  await engine.open()
  server.freeze()
  await t.rejects(engine.users.insert(user('ada')), UNAVAILABLE)
  await server.kill()
  await server.start()
  await until('it answers', () => isThere(engine))
  t.equal(await engine.users.findByEmail('ada'), undefined)
})

t.test('a client waits in no queue, and gives up a connection that is silent', async (t) => {
  const server = await redisServer(t)
  const client = new Redis({ port: server.port, ...redisClientOptions(300) })
  t.teardown(() => client.disconnect())
  client.on('error', () => {})
  await t.rejects(client.ping(), 'not before there is a connection')
  await until('it is connected', () => client.status === 'ready')
  server.freeze()
  const silent = client.ping().then(
    () => 'answered',
    () => 'given up',
  )
  await until('it is given up', () => client.status !== 'ready')
  t.equal(await silent, 'given up')
})

t.test('no more wait than may, also where nobody waits for their answers any more', async (t) => {
  const server = await redisServer(t)
  const engine = redisEngine(t, server.port, { limitWaiting: 2 })
  await engine.open()
  server.freeze()
  const asked = [1, 2, 3].map((i) => engine.users.findById(`user_${i}`))
  t.match(await Promise.allSettled(asked), [
    { reason: { code: 'store_unavailable' } },
    { reason: { code: 'store_unavailable' } },
    { reason: { code: 'overloaded' } },
  ])
  server.thaw()
  await until('there is room again', () =>
    engine.users.findById('user_1').then(
      () => true,
      () => false,
    ),
  )
})

t.test('a redis that is not there can be opened once it is', async (t) => {
  const server = await redisServer(t)
  await server.kill()
  const engine = redisEngine(t, server.port)
  for (let i = 0; i < 3; i++)
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

t.test('an engine that is closed connects no more, whatever it was about to do', async (t) => {
  const sockets = new Set<Socket>()
  let accepted = 0
  const silent = createServer((socket) => {
    accepted++
    sockets.add(socket.on('error', () => {}))
  })
  silent.listen(0, '127.0.0.1')
  await once(silent, 'listening')
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
    silent.close()
  })
  const { port } = silent.address() as AddressInfo
  const early = redisEngine(t, port)
  const opening = t.rejects(early.open(), { name: 'StoreError' })
  await until('it is accepted', () => accepted === 1)
  await early.close()
  await opening
  const closed = { message: 'redis was closed', isPassing: false }
  for (const engine of [early, redisEngine(t, port)]) {
    await engine.close()
    await t.rejects(engine.open(), closed)
    await t.rejects(engine.pending(), closed)
    await t.rejects(engine.ping(), UNAVAILABLE)
  }
  t.equal(accepted, 1)
})

t.test('a connection that is lost at once is no redis', async (t) => {
  const server = createServer((socket) => void socket.on('error', () => {}).end())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => void server.close())
  const { port } = server.address() as { port: number }
  const engine = redisEngine(t, port, { timeoutMs: 200, hasSubscriber: false })
  await t.rejects(engine.open(), { message: 'redis cannot be reached', isPassing: true })
})

t.test('a connection that is lost while it is opened can be opened again', async (t) => {
  const call = async (): Promise<never> => {
    throw new Error('Connection is closed.')
  }
  const client = Object.assign(new EventEmitter(), {
    status: 'ready',
    connect: call,
    disconnect: () => {},
    call,
    callBuffer: call,
  })
  const engine = createRedisEngine({
    client,
    timeoutMs: 100,
    allowVolatile: false,
    keepsUsers: true,
    warn: () => {},
  })
  await t.rejects(engine.open(), { message: 'redis cannot be reached', isPassing: true })
})
