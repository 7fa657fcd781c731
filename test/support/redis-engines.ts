import { Redis } from 'ioredis'
import type { Test } from 'tap'
import type { Engine } from '../../lib/stores/engine.js'
import { createRedisEngine, redisClientOptions } from '../../lib/stores/redis.js'
import { startRedis, type RedisOptions, type RedisServer } from './redis.js'

const TIMEOUT_MS = 5_000

export interface RedisEngineSettings {
  timeoutMs?: number
  password?: string
  username?: string
  allowVolatile?: boolean
  keepsUsers?: boolean
  hasSubscriber?: boolean
  warn?: (cause: string) => void
  limitWaiting?: number
}

/** An engine over the server, not yet opened; it is closed when the test ends. */
export const redisEngine = (t: Test, port: number, settings: RedisEngineSettings = {}): Engine => {
  const { timeoutMs = TIMEOUT_MS, allowVolatile = false, keepsUsers = true } = settings
  const { username, password, hasSubscriber = true, warn = () => {}, limitWaiting } = settings
  const address = { port, ...(username && { username }), ...(password && { password }) }
  const connect = () => new Redis({ ...address, ...redisClientOptions(timeoutMs) })
  const engine = createRedisEngine({
    client: connect(),
    ...(hasSubscriber && { subscriber: connect() }),
    timeoutMs,
    allowVolatile,
    keepsUsers,
    warn,
    ...(limitWaiting && { limitWaiting }),
  })
  t.teardown(() => engine.close())
  return engine
}

/** A server of the test's own. */
export const redisServer = async (t: Test, options: RedisOptions = {}): Promise<RedisServer> => {
  const server = await startRedis(options)
  t.teardown(() => server.stop())
  return server
}

/** A client that asks and sets what the engine does not. */
export const redisOperator = (t: Test, port: number): Redis => {
  const operator = new Redis({ port, lazyConnect: true, retryStrategy: () => 20 })
  operator.on('error', () => {})
  t.teardown(() => operator.disconnect())
  return operator
}
