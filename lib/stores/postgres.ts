import type { Engine } from './engine.js'
import { createPostgresIdempotency } from './postgres-idempotency.js'
import { followPostgres, type PostgresListener } from './postgres-news.js'
import { attemptOpen, refuseForbidden, refuseUnfit } from './postgres-opening.js'
import { createPostgresRevocations } from './postgres-revocations.js'
import { createPostgresRunner, type PostgresPool } from './postgres-runner.js'
import { migratePostgres, pendingMigrations } from './postgres-schema.js'
import { createPostgresThrottle } from './postgres-throttle.js'
import { createPostgresUsers } from './postgres-users.js'

export interface PostgresEngineOptions {
  /** Made with `postgresPoolOptions`. */
  pool: PostgresPool
  /** Makes a client with the same, beside the pool; without it `listen` is never told anything. */
  connect?: () => PostgresListener
  /** How long each operation may take, in milliseconds. */
  timeoutMs: number
}

/**
 * PostgreSQL (13 and newer). Every verb is one statement or one function in the schema
 * `passport_gateway`, so it is atomic, and the time is that of the server. Only who has to bring the
 * schema up to date needs rights beyond those to use it and to select, insert, update and delete in
 * all of its tables.
 */
export const createPostgresEngine = (options: PostgresEngineOptions): Engine => {
  const { pool, connect, timeoutMs } = options
  const runner = createPostgresRunner(pool, timeoutMs)
  const closing = new AbortController()

  return {
    name: 'postgres',
    users: createPostgresUsers(runner),
    idempotency: createPostgresIdempotency(runner),
    revocations: {
      ...createPostgresRevocations(runner),
      listen: (tell) => {
        if (connect) void followPostgres({ connect, timeoutMs, tell, signal: closing.signal })
      },
    },
    throttle: createPostgresThrottle(runner),

    open: () =>
      attemptOpen(runner, async (client) => {
        await refuseUnfit(client)
        await migratePostgres(client)
        await refuseForbidden(client)
      }),
    pending: () =>
      attemptOpen(runner, async (client) => {
        await refuseUnfit(client)
        return pendingMigrations(client)
      }),
    ping: async () => void (await runner.rows('select 1')),
    close: async () => {
      closing.abort()
      await runner.close()
    },
  }
}

/**
 * What the engine needs of the `pg` pool it is given, and of the client that is told news, beside where
 * PostgreSQL is: who cannot have one of at most `limitConnections` connections in time is refused, and
 * a peer that has vanished is noticed within half a minute.
 */
export const postgresPoolOptions = (timeoutMs: number, limitConnections: number) => ({
  max: limitConnections,
  connectionTimeoutMillis: timeoutMs,
  keepAlive: true,
  keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
  fallback_application_name: 'passport-gateway',
})

const KEEP_ALIVE_MS = 10_000
