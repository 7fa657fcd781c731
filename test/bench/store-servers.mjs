// The stores to measure, on servers of the run's own, each as durable as it is in production.
import { mkdtempSync, rmSync } from 'node:fs'
import { register } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'

register('../support/typescript-loader.mjs', import.meta.url)
const { startPostgres } = await import('../support/postgres.ts')
const { startRedis } = await import('../support/redis.ts')

/**
 * Starts them all. Each gives the URL of an empty store for every name it is asked for; `stop` ends
 * the servers and removes what they kept.
 */
export const startStores = async () => {
  const directory = mkdtempSync(join(tmpdir(), 'store-bench-'))
  const servers = await Promise.all([
    startPostgres({ isDurable: true }),
    startRedis({ fsync: 'always' }),
    startRedis({ fsync: 'everysec' }),
  ])
  const [postgres, always, everysec] = servers
  const redis = ({ port }) => {
    const databases = new Map()
    return async (name) => {
      if (!databases.has(name)) databases.set(name, databases.size)
      return `redis://127.0.0.1:${port}/${databases.get(name)}`
    }
  }
  return {
    stores: [
      { name: 'memory', urlFor: async () => 'memory:' },
      { name: 'SQLite', urlFor: async (name) => `sqlite:${join(directory, `${name}.db`)}` },
      { name: 'PostgreSQL', urlFor: (name) => postgresDatabase(postgres.url, name) },
      { name: 'Redis always', urlFor: redis(always) },
      { name: 'Redis everysec', urlFor: redis(everysec) },
    ],
    directory,
    stop: async () => {
      await Promise.all(servers.map((server) => server.stop()))
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

const postgresDatabase = async (url, name) => {
  const client = new pg.Client(url)
  await client.connect()
  await client.query(`create database "${name}"`)
  await client.end()
  return url.replace(/[^/]*$/, name)
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
