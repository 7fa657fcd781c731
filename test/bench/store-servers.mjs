// The stores to measure, on servers of the run's own, each as durable as it is in production.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import '../support/typescript.mjs'

const { startPostgres } = await import('../support/postgres.ts')
const { startRedis } = await import('../support/redis.ts')

/**
 * Starts them all. Each gives the URL of an empty store for every name it is asked for, and of another
 * one where users are not with the rest; `stop` ends the servers and removes what they kept.
 */
export const startStores = async () => {
  const directory = mkdtempSync(join(tmpdir(), 'store-bench-'))
  const servers = await Promise.all([
    startPostgres({ isDurable: true }),
    startRedis({ fsync: 'always' }),
    startRedis({ fsync: 'everysec' }),
  ])
  const [postgres, always, everysec] = servers
  const ofAlways = redisDatabases(always)
  const ofEverysec = redisDatabases(everysec)
  return {
    stores: [
      { name: 'memory', urlsFor: async () => ({ store: 'memory:' }) },
      {
        name: 'SQLite',
        urlsFor: async (name) => ({ store: `sqlite:${join(directory, `${name}.db`)}` }),
      },
      {
        name: 'PostgreSQL',
        urlsFor: async (name) => ({ store: await postgresDatabase(postgres, name) }),
      },
      { name: 'Redis', urlsFor: async (name) => ({ store: ofAlways(name) }) },
      {
        name: 'PostgreSQL and Redis',
        urlsFor: async (name) => ({
          store: await postgresDatabase(postgres, `${name} of both`),
          ephemeralStore: ofEverysec(name),
        }),
      },
    ],
    directory,
    stop: async () => {
      await Promise.all(servers.map((server) => server.stop()))
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

const redisDatabases = ({ port }) => {
  const numbers = new Map()
  return (name) => {
    if (!numbers.has(name)) numbers.set(name, numbers.size)
    return `redis://127.0.0.1:${port}/${numbers.get(name)}`
  }
}

const postgresDatabase = async ({ url }, name) => {
  const client = new pg.Client(url)
  await client.connect()
  await client.query(`create database "${name}"`)
  await client.end()
  return url.replace(/[^/]*$/, encodeURIComponent(name))
}

/** Ends `stop` when `work` has, however that was, and when the run is told to stop. */
export const whileRunning = async (stop, work) => {
  for (const [signal, status] of Object.entries({ SIGINT: 130, SIGTERM: 143 }))
    process.once(signal, () => void stop().then(() => process.exit(status)))
  try {
    return await work()
  } finally {
    await stop()
  }
}
