import { GatewayError } from '../errors.js'
import { inTime } from './in-time.js'

type PostgresValue = string | number | boolean | null | Uint8Array | string[]
export type PostgresRow = Record<string, unknown>

interface PostgresResult {
  rows: PostgresRow[]
  rowCount: number | null
}

/** What is called of a connection; a `PoolClient` of `pg` has this shape. */
export interface PostgresClient {
  query(sql: string, values?: PostgresValue[]): Promise<PostgresResult>
  /** Gives it back, or up. */
  release(isGivenUp?: boolean): void
}

/** What is called of the connections; a `Pool` of `pg` has this shape. */
export interface PostgresPool {
  connect(): Promise<PostgresClient>
  end(): Promise<void>
  on(event: 'error', listener: () => void): unknown
  on(event: 'connect', listener: (client: NodeJS.EventEmitter) => void): unknown
}

/** What came of something: the error is as the driver throws it, and goes no further than the engine. */
type Outcome<T> = { ok: true; value: T } | { ok: false; error: unknown }

/** Runs what needs a connection, each within the same time. */
export interface PostgresRunner {
  /** Lends a connection. Rejects only where there is no time left, with `store_unavailable`. */
  attempt: <T>(work: (client: PostgresClient) => Promise<T>) => Promise<Outcome<T>>
  /** Runs one statement. Rejects with `overloaded` where the disk is full, else with `store_unavailable`. */
  rows: (sql: string, ...values: PostgresValue[]) => Promise<PostgresRow[]>
  /** The same, but resolves to how many rows were changed. */
  change: (sql: string, ...values: PostgresValue[]) => Promise<number>
  /** Gives up all connections; what is under way fails. */
  close: () => Promise<void>
}

/**
 * Builds what runs statements in the connections of a pool; the server gives up what takes longer than
 * `timeoutMs` milliseconds too. A connection that is too late, or whose work fails for whatever reason,
 * is given up: nobody else waits behind it, and a server that was demoted is left.
 */
export const createPostgresRunner = (pool: PostgresPool, timeoutMs: number): PostgresRunner => {
  const lent = new Set<() => void>()
  const limited = new WeakSet<PostgresClient>()
  let isClosed = false
  // Without a listener the loss of a connection would end the process.
  pool.on('error', ignore)
  pool.on('connect', (client) => void client.on('error', ignore))

  /** Before anything else; not by parameters of the connection, which a pooler refuses. */
  const limit = async (client: PostgresClient): Promise<void> => {
    if (limited.has(client)) return
    // One message for both: either both are set or none.
    await client.query(
      `set statement_timeout = ${timeoutMs}; set idle_in_transaction_session_timeout = ${timeoutMs}`,
    )
    limited.add(client)
  }

  const attempt = <T>(work: (client: PostgresClient) => Promise<T>): Promise<Outcome<T>> => {
    let isLate = false
    let giveUp = (): void => void (isLate = true)
    const refuseLate = (): void => {
      if (isLate || isClosed) throw new Error('too late')
    }
    const borrow = async (): Promise<T> => {
      const client = await pool.connect()
      const release = (isGivenUp: boolean): void => {
        if (lent.delete(giveUp)) client.release(isGivenUp)
      }
      giveUp = () => {
        isLate = true
        release(true)
      }
      lent.add(giveUp)
      try {
        // What was refused as too late is not sent any more.
        refuseLate()
        await limit(client)
        refuseLate()
        const value = await work(client)
        release(false)
        return value
      } finally {
        giveUp()
      }
    }
    const outcome = borrow().then(
      (value) => ({ ok: true, value }) as const,
      (error: unknown) => ({ ok: false, error }) as const,
    )
    return inTime(timeoutMs, outcome, () => giveUp())
  }

  const query = async (sql: string, values: PostgresValue[]): Promise<PostgresResult> => {
    const outcome = await attempt((client) => client.query(sql, values))
    if (outcome.ok) return outcome.value
    const isFull = sqlState(outcome.error) === DISK_FULL
    throw new GatewayError(isFull ? 'overloaded' : 'store_unavailable')
  }

  return {
    attempt,
    rows: async (sql, ...values) => (await query(sql, values)).rows,
    change: async (sql, ...values) => Number((await query(sql, values)).rowCount),

    close: async () => {
      if (isClosed) return
      isClosed = true
      const ended = pool.end()
      for (const giveUp of lent) giveUp()
      await inTime(timeoutMs, ended).catch(ignore)
    },
  }
}

/** The code of an error by which the server refuses something (SQLSTATE); `undefined` for any other. */
export const sqlState = (error: unknown): string | undefined => {
  const { code } = Object(error) as { code?: unknown }
  return typeof code === 'string' ? code : undefined
}

const DISK_FULL = '53100'
const ignore = (): void => {}
