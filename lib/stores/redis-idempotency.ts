import { randomUUID } from 'node:crypto'
import type { IdempotencyStore } from '../idempotency/idempotency-store.js'
import { createScript, toBytes, toText, type ScriptClient } from './redis-scripts.js'

/** Idempotency keys in Redis: a hash for each, which Redis itself lets expire. */
export const createRedisIdempotency = (
  client: ScriptClient,
  timeoutMs: number,
): IdempotencyStore => {
  const claim = createScript(client, timeoutMs, CLAIM)
  const settle = createScript(client, timeoutMs, SETTLE)
  const release = createScript(client, timeoutMs, RELEASE)

  return {
    claim: async (key, fingerprint, ttlMs, claimId = randomUUID()) => {
      const held = await claim(toBytes(key), claimId, toBytes(fingerprint), Math.ceil(ttlMs))
      if (!held) return { claimId }
      const [holder, bytes] = held as [Buffer, Buffer | null]
      const record = { fingerprint: toText(holder) }
      return { heldBy: bytes ? { ...record, answer: { bytes } } : record }
    },

    settle: async (key, claimId, { bytes }, ttlMs) => {
      const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
      await settle(toBytes(key), claimId, view, Math.ceil(ttlMs))
    },

    release: async (key, claimId) => void (await release(toBytes(key), claimId)),
  }
}

const CLAIM = `
local key = p .. 'idempotency:' .. ARGV[1]
local held = redis.call('HMGET', key, 'fingerprint', 'answer')
if held[1] then return held end
redis.call('HSET', key, 'claimId', ARGV[2], 'fingerprint', ARGV[3])
redis.call('PEXPIRE', key, ARGV[4])
return false`

// Without its claimId an answer can be neither replaced nor released.
const SETTLE = `
local key = p .. 'idempotency:' .. ARGV[1]
if redis.call('HGET', key, 'claimId') ~= ARGV[2] then return false end
redis.call('HSET', key, 'answer', ARGV[3])
redis.call('HDEL', key, 'claimId')
redis.call('PEXPIRE', key, ARGV[4])
return 1`

const RELEASE = `
local key = p .. 'idempotency:' .. ARGV[1]
if redis.call('HGET', key, 'claimId') ~= ARGV[2] then return false end
return redis.call('DEL', key)`
