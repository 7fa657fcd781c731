import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { inTime } from './in-time.js'
import { POSTGRES_NEWS } from './postgres-schema.js'

/** What is called of a client that is told news; a `Client` of `pg` has this shape. */
export interface PostgresListener extends NodeJS.EventEmitter {
  connect(): Promise<unknown>
  query(sql: string): Promise<unknown>
  end(): Promise<void>
}

interface PostgresNewsOptions {
  connect: () => PostgresListener
  timeoutMs: number
  /** Called with each news, and after each connection: something may have been missed. */
  tell: () => void
  /** Ends it. */
  signal: AbortSignal
}

/** Listens, and connects anew whenever the connection is lost, less and less often while that fails. */
export const followPostgres = async (options: PostgresNewsOptions): Promise<void> => {
  const { signal } = options
  let waitMs = RETRY_MIN_MS
  while (!signal.aborted) {
    const wasTold = await listenOnce(options)
    waitMs = wasTold ? RETRY_MIN_MS : Math.min(waitMs * 2, RETRY_MAX_MS)
    await sleep(waitMs, undefined, { ref: false, signal }).catch(ignore)
  }
}

/** Resolves when the connection is lost: whether there was one. */
const listenOnce = async (options: PostgresNewsOptions): Promise<boolean> => {
  const { connect, timeoutMs, tell, signal } = options
  const client = connect()
  client.on('error', ignore)
  client.on('notification', tell)
  const lost = once(client, 'end', { signal }).catch(ignore)
  const listening = client.connect().then(() => client.query(`listen ${POSTGRES_NEWS}`))
  const isListening = await inTime(timeoutMs, Promise.race([listening, lost.then(isLost)])).then(
    () => true,
    () => false,
  )
  if (isListening) {
    tell()
    await lost
  }
  void client.end().catch(ignore)
  return isListening
}

const RETRY_MIN_MS = 50
const RETRY_MAX_MS = 1_000

const ignore = (): void => {}
const isLost = (): never => {
  throw new Error('the connection is lost')
}
