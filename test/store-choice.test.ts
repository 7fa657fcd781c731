import { EventEmitter, once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:tls'
import t, { type Test } from 'tap'
import type { DriverName } from '../lib/drivers.js'
import { createStore, driverProblems, type StoreSettings } from '../lib/store-choice.js'
import type { Engine } from '../lib/stores/engine.js'
import { CA, certificate, certificateFile } from './support/certificates.js'
import { postgresServer } from './support/postgres-engines.js'
import { redisOperator, redisServer } from './support/redis-engines.js'
import { user } from './support/store-samples.js'

const SETTINGS = {
  timeoutMs: 1_000,
  limitConnections: 1,
  allowVolatile: false,
  keepsUsers: true,
  tls: {},
  warn: () => {},
}

t.test('a package that a store needs is named', (t) => {
  const none = (): undefined => undefined
  t.same(driverProblems('postgres://localhost/a', none), ['needs the package pg: npm install pg'])
  t.same(driverProblems('redis://a', none), ['needs the package ioredis: npm install ioredis'])
  for (const url of [undefined, 'memory:', 'sqlite:a', 'no URL'])
    t.same(driverProblems(url, none), [])
  for (const url of ['redis://a', 'postgres://localhost/a']) t.same(driverProblems(url), [])
  t.end()
})

t.test('each URL has its engine, and memory none', async (t) => {
  for (const url of [undefined, 'memory:', 'no URL']) t.equal(createStore(url, SETTINGS), undefined)
  for (const [url, name] of [
    ['sqlite:a', 'sqlite'],
    ['redis://localhost', 'redis'],
    ['rediss://localhost', 'redis'],
    ['postgres://localhost/a', 'postgres'],
    ['postgres://localhost/a?sslmode=verify-full', 'postgres'],
  ] as const) {
    const engine = createStore(url, SETTINGS)
    t.equal(engine?.name, name)
    await engine?.close()
  }
})

/** An engine over the server of a URL, not yet opened; it is closed when the test ends. */
const engineOf = (t: Test, url: string, settings: Partial<StoreSettings> = {}): Engine => {
  const engine = createStore(url, { ...SETTINGS, ...settings }) as Engine // no URL here is of memory
  t.teardown(() => engine.close())
  return engine
}

t.test('NODE_TLS_REJECT_UNAUTHORIZED lets no store in that is not trusted', async (t) => {
  process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0'
  t.teardown(() => {
    delete process.env['NODE_TLS_REJECT_UNAUTHORIZED']
  })
  const [certFile, keyFile] = [certificateFile('localhost.pem'), certificateFile('localhost.key')]
  const [postgres, redis] = await Promise.all([
    postgresServer(t, { tls: certificate('localhost') }),
    redisServer(t, { tls: { certFile, keyFile } }),
  ])
  for (const url of [
    `postgres://gw@localhost:${postgres.port}/postgres?sslmode=verify-full`,
    `rediss://localhost:${redis.port}`,
  ]) {
    const engine = engineOf(t, url, { timeoutMs: 5_000 })
    await t.rejects(engine.open(), { message: /^the certificate of \w+ is not trusted/ }, url)
  }
})

t.test('a store is told by its name which one is meant', async (t) => {
  let name: unknown
  const server = createServer(certificate('localhost'), (socket) => {
    name = socket.servername
    socket.destroy()
  })
  server.listen(0, 'localhost')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const { port } = server.address() as AddressInfo
  await t.rejects(engineOf(t, `rediss://localhost:${port}`, { tls: { ca: CA } }).open())
  t.equal(name, 'localhost')
})

/** Drivers that connect to nothing, and what each of their clients is told of TLS. */
const deafDrivers = () => {
  const told: unknown[] = []
  class Client extends EventEmitter {
    constructor(first: { ssl?: unknown }, second?: { tls?: unknown }) {
      super()
      told.push(second ? second.tls : first.ssl)
    }
    disconnect(): void {}
    async end(): Promise<void> {}
  }
  const load = (name: DriverName) => (name === 'pg' ? { Pool: Client, Client } : { Redis: Client })
  return { load, told }
}

t.test('every client is told whom the certificate must be of, and to verify it', async (t) => {
  for (const [host, identity] of [
    ['db.example', { host: 'db.example', servername: 'db.example' }],
    ['10.0.0.1', { host: '10.0.0.1' }],
    ['[2001:db8::1]', { host: '2001:db8::1' }],
  ] as const)
    for (const url of [`postgres://${host}/a?sslmode=verify-full`, `rediss://${host}:1/0`]) {
      const { load, told } = deafDrivers()
      const engine = createStore(url, { ...SETTINGS, tls: { ca: CA } }, load)
      await engine?.close()
      t.ok(told.length > 0)
      for (const tls of told) t.same(tls, { ca: CA, ...identity, rejectUnauthorized: true }, url)
    }
})

t.test('a password may hold whatever is special in a URL', async (t) => {
  const password = 'p@ss:w/o?r#d%40[ä]+&='
  const [postgres, redis] = await Promise.all([
    postgresServer(t, { password }),
    redisServer(t, { password }),
  ])
  const encoded = encodeURIComponent(password)
  for (const url of [
    `postgres://gw:${encoded}@localhost:${postgres.port}/postgres`,
    `redis://:${encoded}@localhost:${redis.port}`,
  ])
    await t.resolves(engineOf(t, url, { timeoutMs: 5_000 }).open(), url.slice(0, 8))
})

t.test('a database of Redis is the one of the URL, or there is none', async (t) => {
  const { port } = await redisServer(t)
  const operator = redisOperator(t, port)
  const engine = engineOf(t, `redis://localhost:${port}/15`, { timeoutMs: 5_000 })
  await engine.open()
  await engine.users.insert(user('a'))
  t.equal(await operator.dbsize(), 0)
  await operator.select(15)
  t.not(await operator.dbsize(), 0)

  await t.rejects(engineOf(t, `redis://localhost:${port}/16`, { timeoutMs: 5_000 }).open(), {
    message: 'redis has no database of that number',
    isPassing: false,
  })
  await operator.call('ACL', 'SETUSER', 'bound', 'on', '>p', '~*', '&*', '+@all', '-select')
  await t.rejects(engineOf(t, `redis://bound:p@localhost:${port}/1`).open(), {
    message: 'redis does not permit its user what the gateway needs',
    isPassing: false,
  })
})
