// PostgreSQL as it fails: gone, too slow, or not as it must be.
import { EventEmitter, once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import t, { type Test } from 'tap'
import type { PostgresClient } from '../../lib/stores/postgres-runner.js'
import { createPostgresEngine } from '../../lib/stores/postgres.js'
import { postgresEngine, postgresOperator, postgresServer } from '../support/postgres-engines.js'
import { isThere, token, user, verbsOf } from '../support/store-samples.js'
import { until } from '../support/until.js'

const UNAVAILABLE = { code: 'store_unavailable' }
const UNREACHABLE = { name: 'StoreError', message: 'postgres cannot be reached', isPassing: true }

/** Takes connections, and answers nothing. */
const silentServer = async (t: Test): Promise<number> => {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => void sockets.add(socket.on('error', () => {})))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

t.test('what is kept survives the death of postgres, and the engine works again', async (t) => {
  const server = await postgresServer(t)
  const engine = postgresEngine(t, server.port)
  await engine.open()
  let told = 0
  engine.revocations.listen(() => told++)
  await until('it is told that it may have missed something', () => told > 0)
  await engine.users.insert(user('ada'))
  await engine.revocations.addToken(token('before'))
  await until('it is told', () => told > 1)
  const { position } = await engine.revocations.read(undefined, 9)
  await server.kill()
  for (const verb of verbsOf(engine)) await t.rejects(verb(), UNAVAILABLE)
  await t.rejects(postgresEngine(t, server.port).open(), UNREACHABLE)
  const before = told
  await server.start()
  await until('it answers', () => isThere(engine))
  t.same(await engine.users.findByEmail('ada'), user('ada'))
  await until('news are told again', () => told > before)
  await engine.revocations.addToken(token('after'))
  const { entries } = await engine.revocations.read(position, 9)
  t.match(entries, [{ tokenId: 'before' }, { tokenId: 'after' }], 'from a minute before')
  t.same((await engine.revocations.read(position, 9)).entries.length, 1, 'once')
})

t.test('a postgres that is not there can be opened once it is', async (t) => {
  const server = await postgresServer(t)
  await server.kill()
  const engine = postgresEngine(t, server.port)
  for (let i = 0; i < 3; i++) await t.rejects(engine.open(), UNREACHABLE)
  await server.start()
  await engine.open()
  t.equal(await engine.users.insert(user('ada')), true)
})

t.test('a postgres that does not answer costs no more than the time there is', async (t) => {
  const port = await silentServer(t)
  const engine = postgresEngine(t, port, { timeoutMs: 200, limitConnections: 2 })
  engine.revocations.listen(() => t.fail('told'))
  const startMs = performance.now()
  await t.rejects(engine.open(), UNREACHABLE)
  await Promise.all(verbsOf(engine).map((verb) => t.rejects(verb(), UNAVAILABLE)))
  await engine.close()
  t.ok(performance.now() - startMs < 2_000)
})

t.test('with postgres', async (t) => {
  const { port } = await postgresServer(t)
  const operator = postgresOperator(t, port)
  const connections = async (): Promise<number> => {
    const { rows } = await operator.query(
      `select from pg_stat_activity where application_name = 'passport-gateway'`,
    )
    return rows.length
  }

  const waiting = async (): Promise<number> => {
    const { rows } = await operator.query(
      `select from pg_stat_activity where wait_event_type = 'Lock'`,
    )
    return rows.length
  }

  await t.test('a lock that another holds ends in time, and connections are few', async (t) => {
    await postgresEngine(t, port).open()
    const engine = postgresEngine(t, port, { timeoutMs: 2_000, limitConnections: 3 })
    const other = await operator.connect()
    await other.query('begin')
    await other.query('lock table passport_gateway.users')
    const inserted = Array.from({ length: 20 }, (_, i) => engine.users.insert(user(`u${i}`)))
    const refused = Promise.all(inserted.map((each) => t.rejects(each, UNAVAILABLE)))
    await until('three wait', async () => (await waiting()) === 3)
    await refused
    await until('the server gave up too', async () => (await waiting()) === 0)
    await other.query('commit')
    other.release()
    await until('it answers', () => isThere(engine))
    t.same(await engine.users.list(undefined, 99), { users: [], next: undefined })
  })

  await t.test('connections that an operator ends are made anew', async (t) => {
    const engine = postgresEngine(t, port)
    await engine.open()
    let told = 0
    engine.revocations.listen(() => told++)
    await until('it listens', () => told > 0)
    await operator.query(`select pg_terminate_backend(pid) from pg_stat_activity
      where application_name = 'passport-gateway'`)
    await until('it listens again', () => told > 1)
    await until('it answers', () => isThere(engine))
    const before = told
    await engine.revocations.addToken(token('a'))
    await until('it is told', () => told > before)
  })

  await t.test('an engine that is closed leaves nothing, and nothing under way', async (t) => {
    const engine = postgresEngine(t, port)
    await engine.open()
    let told = 0
    engine.revocations.listen(() => told++)
    await until('it listens', () => told > 0)
    const other = await operator.connect()
    await other.query('begin')
    await other.query('lock table passport_gateway.users')
    const found = t.rejects(engine.users.findByEmail('ada'), UNAVAILABLE)
    await until('it waits', async () => (await waiting()) === 1)
    await Promise.all([engine.close(), engine.close(), found])
    await t.rejects(engine.ping(), UNAVAILABLE)
    await other.query('commit')
    other.release()
    await until('the server knows', async () => (await connections()) === 0)
  })
})

t.test('a connection that comes too late is given up, and nothing is sent', async (t) => {
  let connect = (_client: PostgresClient): void => {}
  const given: unknown[] = []
  const pool = Object.assign(new EventEmitter(), {
    connect: () => new Promise<PostgresClient>((resolve) => (connect = resolve)),
    end: async () => {},
  })
  const engine = createPostgresEngine({ pool, timeoutMs: 20 })
  await t.rejects(engine.users.insert(user('ada')), UNAVAILABLE)
  connect({
    query: async () => t.fail('sent') as never,
    release: (isGivenUp) => void given.push(isGivenUp),
  })
  await setImmediate()
  t.same(given, [true])
})
