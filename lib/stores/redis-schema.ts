import { randomUUID } from 'node:crypto'
import { StoreError } from './engine.js'
import { createUnboundScript, REDIS_PREFIX, type RedisClient } from './redis-scripts.js'

/**
 * What brings the data from one version of the schema to the next, in Lua: the first makes version 1,
 * where there is nothing yet to bring along.
 */
const MIGRATIONS: readonly string[] = ['']

/**
 * Brings the schema up to date and names the data, so that a reader of revocations notices when it
 * is lost. It is one script, so of many processes that start at once one does it. Rejects with
 * `StoreError` where the schema is newer than this version knows.
 */
export const migrateRedis = async (client: RedisClient): Promise<void> => {
  const migrate = createUnboundScript(client, MIGRATE)
  refuseNewer((await migrate(MIGRATIONS.length, randomUUID())) as number)
}

/** What that would run, in Lua; empty where there is nothing to do. */
export const pendingRedis = async (client: RedisClient): Promise<string> => {
  const reply = await client.call('GET', `${REDIS_PREFIX}schema`)
  const version = Number(reply ?? 0)
  refuseNewer(version)
  if (version === MIGRATIONS.length) return ''
  const set = `redis.call('SET', '${REDIS_PREFIX}schema', ${MIGRATIONS.length})\n`
  return [...MIGRATIONS.slice(version), set].join('')
}

const refuseNewer = (version: number): void => {
  if (version <= MIGRATIONS.length) return
  throw new StoreError(
    `the store has a newer schema (${version}) than this version knows (${MIGRATIONS.length})`,
    { isPassing: false },
  )
}

const STEPS = MIGRATIONS.map((lua, i) => `if version < ${i + 1} then\n${lua}\nend`).join('\n')

// A full Redis refuses every SET, even of what is there.
const MIGRATE = `
local known = tonumber(ARGV[1])
local version = tonumber(redis.call('GET', p .. 'schema') or 0)
if version > known then return version end
${STEPS}
if version < known then redis.call('SET', p .. 'schema', known) end
if redis.call('EXISTS', p .. 'epoch') == 0 then redis.call('SET', p .. 'epoch', ARGV[2]) end
return known`
