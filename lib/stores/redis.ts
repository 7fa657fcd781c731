import { once } from 'node:events'
import { StoreError, type Engine } from './engine.js'
import { inTime } from './in-time.js'
import { createRedisIdempotency } from './redis-idempotency.js'
import { createRedisRevocations, REDIS_NEWS } from './redis-revocations.js'
import { migrateRedis, pendingRedis } from './redis-schema.js'
import { isRefusal, limitCommands, type RedisClient } from './redis-scripts.js'
import { createRedisThrottle } from './redis-throttle.js'
import { createRedisUsers } from './redis-users.js'
import { isKnownToKeep, REDIS_UNKNOWN } from './redis-volatility.js'
import { untrusted } from './untrusted.js'

/** What is called of a client that is told news; an `ioredis` client has this shape. */
interface RedisSubscriber extends NodeJS.EventEmitter {
  readonly status: string
  connect(): Promise<unknown>
  disconnect(): void
  subscribe(channel: string): Promise<unknown>
}

/** A client of `ioredis`, as far as it is used. */
export type RedisConnection = RedisClient & RedisSubscriber

export interface RedisEngineOptions {
  /** Made with `redisClientOptions`. */
  client: RedisClient
  /** A second client, made with the same; without it `listen` is never told anything. */
  subscriber?: RedisSubscriber
  /** How long each operation may take, in milliseconds. */
  timeoutMs: number
  /** The number of the one that the clients were told to select; default 0, which is always there. */
  database?: number
  /** Whether it may be a Redis that loses data when it restarts or has no memory left. */
  allowVolatile: boolean
  /** Whether users are kept in it, which nothing could bring back. */
  keepsUsers: boolean
  /** How many commands may wait for it. Default 10000. */
  limitWaiting?: number
  /** Told once, in a sentence, where nobody knows whether it does. */
  warn: (cause: string) => void
}

/**
 * Redis (6.2 and newer) or Valkey. Every verb is one script, so it is atomic, and the time is that of
 * Redis. Replicas are followed by no reader: what a failover loses is lost.
 */
export const createRedisEngine = (options: RedisEngineOptions): Engine => {
  const { client, subscriber, timeoutMs, database = 0 } = options
  let onNews = (): void => {}
  let hasWarned = false
  const scripts = limitCommands(client, options.limitWaiting ?? DEFAULT_LIMIT_WAITING)
  const closing = new AbortController()
  // A client without a listener for errors prints them, with all they hold.
  client.on('error', ignore)
  if (subscriber) follow(subscriber, () => onNews())

  /** Does `work` once there is a connection; rejects with `StoreError`, whatever happens. */
  const attempt = async <T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> => {
    const giveUp = new AbortController()
    const signal = AbortSignal.any([giveUp.signal, closing.signal])
    const connected = async (): Promise<T | StoreError> => {
      try {
        await connect(client, signal)
        return await work(signal)
      } catch (error) {
        return toStoreError(error)
      }
    }
    const outcome = await inTime(timeoutMs, connected()).catch(toStoreError)
    giveUp.abort()
    if (outcome instanceof StoreError) throw outcome
    return outcome
  }

  const prepare = async (signal: AbortSignal): Promise<void> => {
    // The client has selected it too, but goes on in 0 where there is none of that number.
    if (database !== 0) await client.call('SELECT', database)
    const told = subscriber && subscribed(subscriber, signal, timeoutMs / 2).catch(ignore)
    const isKnown = options.allowVolatile || (await isKnownToKeep(client, options.keepsUsers))
    if (!isKnown && !hasWarned) options.warn(REDIS_UNKNOWN)
    hasWarned ||= !isKnown
    await migrateRedis(client)
    // News only make gateways faster: without them nothing is missed.
    await told
  }

  return {
    name: 'redis',
    users: createRedisUsers(scripts, timeoutMs),
    idempotency: createRedisIdempotency(scripts, timeoutMs),
    revocations: {
      ...createRedisRevocations(scripts, timeoutMs),
      listen: (listener) => void (onNews = listener),
    },
    throttle: createRedisThrottle(scripts, timeoutMs),

    open: () => attempt(prepare),
    pending: () => attempt(() => pendingRedis(client)),
    ping: async () => void (await inTime(timeoutMs, client.call('PING'))),
    close: async () => {
      closing.abort(new StoreError('redis was closed', FINAL))
      client.disconnect()
      subscriber?.disconnect()
    },
  }
}

/**
 * What the engine needs of the `ioredis` client it is given, beside where Redis is: what cannot be sent
 * fails at once and is never sent later, a connection that is silent for `timeoutMs` milliseconds is
 * given up, and there is a new one within about a second of Redis being back.
 */
export const redisClientOptions = (timeoutMs: number) => ({
  lazyConnect: true,
  connectTimeout: timeoutMs,
  socketTimeout: timeoutMs,
  disconnectTimeout: timeoutMs,
  maxLoadingRetryTime: RETRY_MAX_MS,
  enableOfflineQueue: false,
  maxRetriesPerRequest: 0,
  autoResendUnfulfilledCommands: false,
  autoResubscribe: false,
  retryStrategy: (times: number): number => Math.min(times * RETRY_STEP_MS, RETRY_MAX_MS),
  // After a failover the name may lead elsewhere.
  reconnectOnError: (error: Error): boolean => isRefusal(error, 'READONLY'),
})

const DEFAULT_LIMIT_WAITING = 10_000
const RETRY_STEP_MS = 50
const RETRY_MAX_MS = 1_000

const ignore = (): void => {}

/** Waits for a connection that is under way already, or makes one; rejects once `signal` is aborted. */
const connect = async (
  client: RedisClient | RedisSubscriber,
  signal: AbortSignal,
): Promise<void> => {
  signal.throwIfAborted()
  if (client.status === 'ready') return
  // The event of an error says why: what `connect` rejects with says only that it is closed.
  const ready = once(client, 'ready', { signal })
  if (client.status === 'wait' || client.status === 'end') client.connect().catch(ignore)
  await ready
}

/** Subscribes whenever there is a new connection, and tells that something may have been missed. */
const follow = (subscriber: RedisSubscriber, tell: () => void): void => {
  subscriber.on('error', ignore)
  subscriber.on('message', tell)
  subscriber.on('ready', () => {
    const subscription = subscriber.subscribe(REDIS_NEWS).then(tell, ignore)
    void subscription.then(() => subscriber.emit(SUBSCRIBED))
  })
}

/** That a subscription was made, or refused. */
const SUBSCRIBED = Symbol('subscribed')

const subscribed = async (
  subscriber: RedisSubscriber,
  signal: AbortSignal,
  limitMs: number,
): Promise<void> => {
  if (subscriber.status === 'ready') return
  const either = AbortSignal.any([signal, AbortSignal.timeout(limitMs)])
  const done = once(subscriber, SUBSCRIBED, { signal: either })
  await Promise.all([done, connect(subscriber, either)])
}

const toStoreError = (error: unknown): StoreError => {
  if (error instanceof StoreError) return error
  if (['WRONGPASS', 'NOAUTH'].some((code) => isRefusal(error, code)))
    return new StoreError('redis refuses the password', FINAL)
  if (isRefusal(error, 'NOPERM')) return new StoreError(NOT_PERMITTED, FINAL)
  if (['ERR DB index', 'ERR SELECT'].some((text) => isRefusal(error, text)))
    return new StoreError('redis has no database of that number', FINAL)
  const isPassing = true
  return untrusted(error, 'redis') ?? new StoreError('redis cannot be reached', { isPassing })
}

const FINAL = { isPassing: false }
const NOT_PERMITTED = 'redis does not permit its user what the gateway needs'
