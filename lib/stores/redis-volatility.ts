import { StoreError } from './engine.js'
import type { RedisClient } from './redis-scripts.js'

/** What is said where nothing is known. */
export const REDIS_UNKNOWN =
  'redis does not tell whether it keeps an append-only file, or what it evicts when its memory is full'

/**
 * Whether it is known that Redis loses nothing: it may tell nothing of itself, as where somebody else
 * runs it. Rejects with `StoreError` where it does lose something. Only users need an append-only file:
 * whatever else is lost at a restart is over soon.
 */
export const isKnownToKeep = async (client: RedisClient, keepsUsers: boolean): Promise<boolean> => {
  const file = (await setting(client, 'appendonly')) ?? (await info(client, 'aof_enabled'))
  if (keepsUsers && (file === 'no' || file === '0')) throw new StoreError(NO_FILE, FINAL)
  const policy =
    (await setting(client, 'maxmemory-policy')) ?? (await info(client, 'maxmemory_policy'))
  // `volatile-*` too: keys of requests that are under way have a time to live.
  if (policy !== undefined && policy !== 'noeviction') throw new StoreError(EVICTS, FINAL)
  return policy !== undefined && (file !== undefined || !keepsUsers)
}

/** What Redis is set to; `undefined` where it does not say. */
const setting = async (client: RedisClient, name: string): Promise<string | undefined> => {
  const reply = await answer(client, 'CONFIG', 'GET', name)
  return Array.isArray(reply) ? (reply as string[])[1] : undefined
}

/** What it reports, which fewer forbid. */
const info = async (client: RedisClient, name: string): Promise<string | undefined> => {
  const reply = await answer(client, 'INFO')
  return new RegExp(`^${name}:(\\S+)`, 'm').exec(String(reply))?.[1]
}

/** `undefined` where it refuses to answer. */
const answer = async (client: RedisClient, ...command: [string, ...string[]]): Promise<unknown> => {
  try {
    return await client.call(...command)
  } catch (error) {
    if (error instanceof Error && error.name === 'ReplyError') return undefined
    throw error
  }
}

const FINAL = { isPassing: false }
const NO_FILE =
  'redis keeps no append-only file: users could be lost; set appendonly yes, or allow it'
const EVICTS =
  'redis evicts keys when its memory is full: users, revocations or keys of requests could be lost; set maxmemory-policy noeviction, or allow it'
