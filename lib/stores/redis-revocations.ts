import { randomUUID } from 'node:crypto'
import type { LogEntry, RevocationLog } from '../revocation/revocation-log.js'
import {
  createScript,
  REDIS_PREFIX,
  toBytes,
  toText,
  type ScriptClient,
  type RedisReply,
} from './redis-scripts.js'

/** Where an added entry is told. */
export const REDIS_NEWS = `${REDIS_PREFIX}news`

/**
 * The log in Redis: what an entry holds in a hash, its place and its expiry in two sorted sets. A
 * place is Redis's own time in microseconds, and more than any before. So places that a crash took
 * away are not given again, and whoever read them still sees all that is added later.
 */
export const createRedisRevocations = (
  client: ScriptClient,
  timeoutMs: number,
): Omit<RevocationLog, 'listen'> => {
  const issueMs = createScript(client, timeoutMs, ISSUE_MS)
  const addToken = createScript(client, timeoutMs, ADD_TOKEN)
  const raiseUser = createScript(client, timeoutMs, RAISE_USER)
  const read = createScript(client, timeoutMs, READ)

  return {
    issueMs: async (userId) => Number(await issueMs(toBytes(userId))),

    addToken: async ({ tokenId, userId, issuedAtMs, expSeconds }) =>
      (await addToken(toBytes(tokenId), toBytes(userId), issuedAtMs, toScore(expSeconds))) === 1,

    raiseUser: async (userId, issuedUntilMs, keepUntilSeconds) =>
      Number(await raiseUser(toBytes(userId), issuedUntilMs, toScore(keepUntilSeconds))),

    read: async (position = '', limit) => {
      const [, epoch = '', place = '0'] = POSITION.exec(position) ?? []
      const reply = await read(randomUUID(), epoch, place, limit)
      const [rows, present, last, hasMore] = reply as [
        Array<[Buffer, Buffer]>,
        Buffer,
        Buffer,
        RedisReply,
      ]
      const entries = rows.map(([member, value]) => toEntry(member, value))
      const at = [present, last].map(String).join('.')
      return { entries, position: at, hasMore: hasMore === 1 }
    },
  }
}

/** What is on Redis since it lost its data last, and a place there. */
const POSITION = /^([0-9a-f-]{36})\.(\d{1,17})$/

/** Lua and Redis know `inf`, and `Infinity` only by chance. */
const toScore = (seconds: number): string | number => (seconds === Infinity ? 'inf' : seconds)

/** `t` and a token's id, with its expiry and its user; or `u` and a user's, with his two moments. */
const toEntry = (member: Buffer, value: Buffer): LogEntry => {
  const id = toText(member.subarray(1))
  const end = value.indexOf(' ')
  const [first, rest] = [Number(value.toString('latin1', 0, end)), value.subarray(end + 1)]
  if (member[0] === TOKEN) return { userId: toText(rest), tokenId: id, expSeconds: first }
  const keep = rest.toString('latin1')
  return {
    userId: id,
    issuedUntilMs: first,
    keepUntilSeconds: keep === 'inf' ? Infinity : Number(keep),
  }
}

const TOKEN = 't'.charCodeAt(0)
const GRACE_SECONDS = 300
const SWEPT_AT_ONCE = 4

const UNTIL = `
local time = redis.call('TIME')
local nowMs = time[1] * 1000 + math.floor(time[2] / 1000)
local function exact(number) return string.format('%.17g', number) end
local function untilOf(userId)
  local value = redis.call('HGET', p .. 'revocations', 'u' .. userId)
  if not value then return -1, '-inf' end
  local moment, keep = string.match(value, '^(%S+) (%S+)$')
  return tonumber(moment), keep
end`

// The sweep comes first: where memory is full, what it frees makes room for what is added.
const ADD = `${UNTIL}
local function add(member, value, expiry)
  local over = redis.call('ZRANGEBYSCORE', p .. 'revocations:expiries', '-inf',
    math.floor(nowMs / 1000) - ${GRACE_SECONDS}, 'LIMIT', 0, ${SWEPT_AT_ONCE})
  for _, gone in ipairs(over) do
    redis.call('HDEL', p .. 'revocations', gone)
    redis.call('ZREM', p .. 'revocations:places', gone)
    redis.call('ZREM', p .. 'revocations:expiries', gone)
  end
  local last = tonumber(redis.call('GET', p .. 'revocations:last') or 0)
  local place = exact(math.max(last + 1, time[1] * 1000000 + time[2]))
  redis.call('SET', p .. 'revocations:last', place)
  redis.call('HSET', p .. 'revocations', member, value)
  redis.call('ZADD', p .. 'revocations:places', place, member)
  redis.call('ZADD', p .. 'revocations:expiries', expiry, member)
  redis.pcall('PUBLISH', '${REDIS_NEWS}', '')
end`

const ISSUE_MS = `${UNTIL}
local moment = untilOf(ARGV[1])
return exact(math.max(nowMs, moment + 1))`

const ADD_TOKEN = `${ADD}
local member = 't' .. ARGV[1]
if redis.call('HEXISTS', p .. 'revocations', member) == 1 then return 0 end
local moment = untilOf(ARGV[2])
if tonumber(ARGV[3]) <= moment then return 0 end
add(member, ARGV[4] .. ' ' .. ARGV[2], ARGV[4])
return 1`

// What was to be kept for longer is: his older tokens may live until then.
const RAISE_USER = `${ADD}
local moment, keep = untilOf(ARGV[1])
local raised = exact(math.max(tonumber(ARGV[2]), nowMs, moment + 1))
if keep == '-inf' or (keep ~= 'inf' and (ARGV[3] == 'inf' or tonumber(ARGV[3]) > tonumber(keep))) then
  keep = ARGV[3]
end
add('u' .. ARGV[1], raised .. ' ' .. keep, keep)
return raised`

// A place behind the last one is from before a crash that took the last entries away.
const READ = `
local epoch = redis.call('GET', p .. 'epoch')
if not epoch then
  epoch = ARGV[1]
  redis.call('SET', p .. 'epoch', epoch)
end
local place, limit = ARGV[3], tonumber(ARGV[4])
local last = tonumber(redis.call('GET', p .. 'revocations:last') or 0)
if epoch ~= ARGV[2] or tonumber(place) > last then place = '0' end
local found = redis.call('ZRANGEBYSCORE', p .. 'revocations:places', '(' .. place, '+inf',
  'WITHSCORES', 'LIMIT', 0, limit + 1)
local rows = {}
for i = 1, math.min(#found / 2, limit) do
  rows[i] = { found[2 * i - 1], redis.call('HGET', p .. 'revocations', found[2 * i - 1]) }
  place = string.format('%.0f', found[2 * i])
end
return { rows, epoch, place, #found / 2 > limit and 1 or 0 }`
