import type { User, UserStore } from '../users/user-store.js'
import {
  createScript,
  toBytes,
  toText,
  type RedisArgument,
  type ScriptClient,
  type RedisReply,
} from './redis-scripts.js'

/**
 * Users in Redis: a hash for each, a key for each e-mail that holds the id, and a sorted set in the
 * order in which they came.
 */
export const createRedisUsers = (client: ScriptClient, timeoutMs: number): UserStore => {
  const script = (lua: string) => createScript(client, timeoutMs, lua)
  const insert = script(INSERT)
  const findByEmail = script(FIND_BY_EMAIL)
  const findById = script(FIND_BY_ID)
  const update = script(UPDATE)
  const changePassword = script(CHANGE_PASSWORD)
  const remove = script(REMOVE)
  const list = script(LIST)

  return {
    insert: async (user) =>
      (await insert(toBytes(user.id), toBytes(user.email), ...toFields(user))) === 1,
    findByEmail: async (email) => toUser(await findByEmail(toBytes(email))),
    findById: async (id) => toUser(await findById(toBytes(id))),
    update: async (id, changes) => toUser(await update(toBytes(id), ...toFields(changes))),
    changePassword: async (id, fromHash, toHash) =>
      (await changePassword(toBytes(id), toBytes(fromHash), toBytes(toHash))) === 1,
    remove: async (id) => (await remove(toBytes(id))) === 1,

    list: async (cursor = '0', limit) => {
      if (!/^\d{1,15}$/.test(cursor)) return undefined
      const [rows, next] = (await list(cursor, limit)) as [RedisReply[], Buffer | null]
      const users = rows.flatMap((row) => toUser(row) ?? [])
      return { users, next: next ? next.toString() : undefined }
    },
  }
}

const FIELDS = [
  'id',
  'email',
  'passwordHash',
  'subscription',
  'country',
  'platform',
  'isDisabled',
  'createdAtSeconds',
] as const satisfies ReadonlyArray<keyof User>

/** Names and values in turn, as HSET takes them. */
const toFields = (user: Partial<User>): RedisArgument[] =>
  FIELDS.flatMap((field) => {
    const value = user[field]
    if (value === undefined) return []
    return [field, typeof value === 'boolean' ? Number(value) : toBytes(String(value))]
  })

const toUser = (row: RedisReply): User | undefined => {
  if (!row) return undefined
  const texts = (row as Buffer[]).map(toText) as Texts // HMGET with FIELDS
  const [id, email, passwordHash, subscription, country, platform, isDisabled, createdAt] = texts
  return {
    id,
    email,
    passwordHash,
    subscription,
    country,
    platform,
    isDisabled: isDisabled === '1',
    createdAtSeconds: Number(createdAt),
  }
}

type Texts<T extends readonly unknown[] = typeof FIELDS> = { -readonly [I in keyof T]: string }

const READ = `
local function read(id)
  if not id then return false end
  local row = redis.call('HMGET', p .. 'user:' .. id, '${FIELDS.join("', '")}')
  return row[1] and row
end`

const INSERT = `
local id, email = ARGV[1], ARGV[2]
if redis.call('EXISTS', p .. 'user:' .. id, p .. 'email:' .. email) > 0 then return 0 end
local number = redis.call('INCR', p .. 'users:last')
redis.call('HSET', p .. 'user:' .. id, 'number', number, unpack(ARGV, 3))
redis.call('SET', p .. 'email:' .. email, id)
redis.call('ZADD', p .. 'users', number, id)
return 1`

const FIND_BY_EMAIL = `${READ}
return read(redis.call('GET', p .. 'email:' .. ARGV[1]))`

const FIND_BY_ID = `${READ}
return read(ARGV[1])`

const UPDATE = `${READ}
if not read(ARGV[1]) then return false end
if #ARGV > 1 then redis.call('HSET', p .. 'user:' .. ARGV[1], unpack(ARGV, 2)) end
return read(ARGV[1])`

const CHANGE_PASSWORD = `
local key = p .. 'user:' .. ARGV[1]
if redis.call('HGET', key, 'passwordHash') ~= ARGV[2] then return 0 end
redis.call('HSET', key, 'passwordHash', ARGV[3])
return 1`

const REMOVE = `
local email = redis.call('HGET', p .. 'user:' .. ARGV[1], 'email')
if not email then return 0 end
redis.call('DEL', p .. 'user:' .. ARGV[1], p .. 'email:' .. email)
redis.call('ZREM', p .. 'users', ARGV[1])
return 1`

const LIST = `${READ}
local limit = tonumber(ARGV[2])
local found = redis.call('ZRANGEBYSCORE', p .. 'users', '(' .. ARGV[1], '+inf',
  'WITHSCORES', 'LIMIT', 0, limit + 1)
local rows = {}
for i = 1, math.min(#found / 2, limit) do rows[i] = read(found[2 * i - 1]) end
return { rows, #found / 2 > limit and string.format('%.0f', found[2 * limit]) }`
