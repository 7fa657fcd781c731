import type { ThrottleStore } from '../throttle/throttle-store.js'
import { createScript, toBytes, type ScriptClient } from './redis-scripts.js'

/** Attempts in Redis: a number for each key, which Redis itself lets expire. */
export const createRedisThrottle = (client: ScriptClient, timeoutMs: number): ThrottleStore => {
  const attempt = createScript(client, timeoutMs, ATTEMPT)
  return {
    count: async (key, windowMs) => {
      const [count, resetMs] = (await attempt(toBytes(key), Math.ceil(windowMs))) as number[]
      return { count: Number(count), resetMs: Number(resetMs) }
    },
  }
}

// A key that lives longer than a new one would was made by a clock that has been set back.
const ATTEMPT = `
local key = p .. 'throttle:' .. ARGV[1]
local windowMs = tonumber(ARGV[2])
local resetMs = redis.call('PTTL', key)
if resetMs > 0 and resetMs <= windowMs then return { redis.call('INCR', key), resetMs } end
redis.call('SET', key, 1, 'PX', windowMs)
return { 1, windowMs }`
