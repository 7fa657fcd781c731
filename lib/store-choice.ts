import { isIP } from 'node:net'
import { loadDriver, type DriverName } from './drivers.js'
import type { TargetTls } from './proxy/upstream-pool.js'
import { parseStoreUrl } from './store-url.js'
import type { Engine } from './stores/engine.js'
import { createPostgresEngine, postgresPoolOptions } from './stores/postgres.js'
import type { PostgresListener } from './stores/postgres-news.js'
import type { PostgresPool } from './stores/postgres-runner.js'
import { createRedisEngine, redisClientOptions, type RedisConnection } from './stores/redis.js'
import { createSqliteEngine } from './stores/sqlite.js'

export interface StoreSettings {
  /** How long the store may take to answer, in milliseconds. */
  timeoutMs: number
  /** Connections to PostgreSQL at once. */
  limitConnections: number
  /** Whether it may be a Redis that loses data. */
  allowVolatile: boolean
  /** Whether users are kept in it. */
  keepsUsers: boolean
  /** By whom the store must be certified, and what is shown to it. */
  tls: TargetTls
  /** Told, in a sentence, what is not known of it and should be. */
  warn: (cause: string) => void
}

const DRIVERS: ReadonlyMap<string, DriverName> = new Map([
  ['postgres', 'pg'],
  ['redis', 'ioredis'],
])

/** What is missing for the store of a URL: at most a package. */
export const driverProblems = (
  text: string | undefined,
  load: typeof loadDriver = loadDriver,
): string[] => {
  const name = DRIVERS.get(kindOf(text))
  return name !== undefined && load(name) === undefined
    ? [`needs the package ${name}: npm install ${name}`]
    : []
}

const kindOf = (text = 'memory:'): string => {
  const url = parseStoreUrl(text)
  return typeof url === 'string' ? '' : url.kind
}

/** The engine of a checked URL; `undefined` for memory, which needs none. Nothing is opened yet. */
export const createStore = (
  text: string | undefined,
  settings: StoreSettings,
  load: typeof loadDriver = loadDriver,
): Engine | undefined => {
  const url = parseStoreUrl(text ?? 'memory:')
  if (typeof url === 'string' || url.kind === 'memory') return undefined
  const { timeoutMs } = settings
  if (url.kind === 'sqlite') return createSqliteEngine({ file: url.file, timeoutMs })
  return url.kind === 'redis'
    ? redisStore(url, settings, load('ioredis') as Ioredis) // as the options were checked
    : postgresStore(url, settings, load('pg') as Pg)
}

interface Server {
  url: string
  isSecure: boolean
}

/** What is used of `ioredis`. */
interface Ioredis {
  Redis: new (url: string, options: object) => RedisConnection
}

const redisStore = (
  server: Server & { database: number },
  settings: StoreSettings,
  { Redis }: Ioredis,
): Engine => {
  const { timeoutMs, allowVolatile, keepsUsers, warn } = settings
  const { database } = server
  const options = {
    ...redisClientOptions(timeoutMs),
    ...(server.isSecure && { tls: verified(server.url, settings.tls) }),
  }
  const connect = (): RedisConnection => new Redis(server.url, options)
  const subscriber = connect()
  return createRedisEngine({
    client: connect(),
    subscriber,
    database,
    timeoutMs,
    allowVolatile,
    keepsUsers,
    warn,
  })
}

/** What is used of `pg`. */
interface Pg {
  Pool: new (options: object) => PostgresPool
  Client: new (options: object) => PostgresListener
}

const postgresStore = (server: Server, settings: StoreSettings, { Pool, Client }: Pg): Engine => {
  const { timeoutMs, limitConnections } = settings
  const ssl = server.isSecure && verified(server.url, settings.tls)
  const address = { connectionString: server.url, ssl }
  const shared = postgresPoolOptions(timeoutMs, limitConnections)
  const pool = new Pool({ ...address, ...shared })
  return createPostgresEngine({
    pool,
    connect: () => new Client({ ...address, ...shared }),
    timeoutMs,
  })
}

/** How TLS is spoken to the server of a URL, which must prove the name or the address in it. */
const verified = (url: string, tls: TargetTls): object => {
  const host = new URL(url).hostname.replace(/^\[(.*)\]$/, '$1')
  return {
    // Older versions of pg leave it out, and the certificate is taken for one of localhost.
    host,
    // An address is sent to no server (RFC 6066 Section 3).
    ...(isIP(host) === 0 && { servername: host }),
    ...tls,
    // Else NODE_TLS_REJECT_UNAUTHORIZED would have a say.
    rejectUnauthorized: true,
  }
}
