import { createHash } from 'node:crypto'
import { GatewayError } from '../errors.js'
import { inTime } from './in-time.js'

/** What is called of a client; an `ioredis` client has this shape. */
export interface RedisClient extends NodeJS.EventEmitter {
  readonly status: string
  connect(): Promise<unknown>
  disconnect(): void
  call(command: string, ...args: RedisArgument[]): Promise<unknown>
  callBuffer(command: string, ...args: RedisArgument[]): Promise<unknown>
}

/** What scripts need of a client. */
export type ScriptClient = Pick<RedisClient, 'callBuffer'>

export type RedisArgument = string | number | Buffer

/** An answer of a script: Lua's `false` is `null`. */
export type RedisReply = null | number | Buffer | RedisReply[]

/** Runs a script of this client: it takes `ARGV`. */
export type RunScript = (...args: RedisArgument[]) => Promise<RedisReply>

/** What every key begins with; the braces put all of them into one slot of a cluster. */
export const REDIS_PREFIX = '{passport-gateway}:'

/**
 * The client, with at most `limit` commands unanswered; beyond it is `overloaded`. One that is slow but
 * not silent would otherwise have the client keep whatever nobody waits for any more.
 */
export const limitCommands = (client: RedisClient, limit: number): ScriptClient => {
  let waiting = 0
  return {
    callBuffer: async (...command) => {
      if (waiting >= limit) throw new GatewayError('overloaded')
      waiting++
      try {
        return await client.callBuffer(...command)
      } finally {
        waiting--
      }
    },
  }
}

/**
 * Builds a script that is atomic in Redis and takes at most `timeoutMs` milliseconds. In it `p` is what
 * every key begins with. Rejects with `overloaded` where Redis has no memory left, else with
 * `store_unavailable`.
 */
export const createScript = (client: ScriptClient, timeoutMs: number, lua: string): RunScript => {
  const run = createUnboundScript(client, lua)
  const send = async (args: RedisArgument[]): Promise<RedisReply> => {
    try {
      return await run(...args)
    } catch (error) {
      throw isRefusal(error, 'OOM') ? new GatewayError('overloaded') : error
    }
  }
  return (...args) => inTime(timeoutMs, send(args))
}

/** The same, but without a limit, and it rejects with what the client does. */
export const createUnboundScript = (client: ScriptClient, lua: string): RunScript => {
  const text = `local p = KEYS[1]\n${lua}`
  const sha1 = createHash('sha1').update(text).digest('hex')
  return async (...args) => {
    try {
      return (await client.callBuffer('EVALSHA', sha1, 1, REDIS_PREFIX, ...args)) as RedisReply
    } catch (error) {
      if (!isRefusal(error, 'NOSCRIPT')) throw error
      return (await client.callBuffer('EVAL', text, 1, REDIS_PREFIX, ...args)) as RedisReply
    }
  }
}

/** Whether Redis answered with the error that begins with `code`; Redis 6 wraps the errors of a script in a text. */
export const isRefusal = (error: unknown, code: string): boolean =>
  error instanceof Error && new RegExp(`(?:^|-)${code}\\b`).test(error.message)

/**
 * A text as bytes, no two alike: UTF-8, or where that has no form for it (half of a surrogate pair)
 * UTF-16 behind a byte that UTF-8 never has.
 */
export const toBytes = (text: string): string | Buffer =>
  LONE_SURROGATE.test(text) ? Buffer.concat([UTF16_MARK, Buffer.from(text, 'utf16le')]) : text

/** The text that `toBytes` made into these bytes. */
export const toText = (bytes: Buffer): string =>
  bytes[0] === UTF16_MARK[0] ? bytes.toString('utf16le', 1) : bytes.toString('utf8')

const LONE_SURROGATE = /\p{Surrogate}/u
const UTF16_MARK = Buffer.of(0xff)
