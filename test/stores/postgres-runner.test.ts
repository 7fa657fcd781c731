import { EventEmitter } from 'node:events'
import { setImmediate } from 'node:timers/promises'
import { Pool } from 'pg'
import t from 'tap'
import { createPostgresRunner, type PostgresClient } from '../../lib/stores/postgres-runner.js'
import { postgresPoolOptions } from '../../lib/stores/postgres.js'
import { postgresServer } from '../support/postgres-engines.js'
import { POSTGRES_OWNER } from '../support/postgres.js'

const UNAVAILABLE = { code: 'store_unavailable' }

/** A pool of one connection, which answers as it is told; what is sent, and how it is given back. */
const poolOf = (answer: (sql: string) => Promise<void>) => {
  const sent: string[] = []
  const given: unknown[] = []
  const client: PostgresClient = {
    query: async (sql) => {
      sent.push(sql)
      await answer(sql)
      return { rows: [], rowCount: 0 }
    },
    release: (isGivenUp) => void given.push(isGivenUp),
  }
  const pool = Object.assign(new EventEmitter(), {
    connect: async () => client,
    end: async () => {},
  })
  return { pool, sent, given }
}

t.test('every connection has its limits before anything runs in it', async (t) => {
  const { port } = await postgresServer(t)
  const address = { host: '127.0.0.1', port, user: POSTGRES_OWNER, database: 'postgres' }
  const pool = new Pool({ ...address, ...postgresPoolOptions(5_000, 3) })
  const runner = createPostgresRunner(pool, 5_000)
  t.teardown(() => runner.close())
  const ask = () =>
    runner.rows(`select current_setting('statement_timeout') as statement,
      current_setting('idle_in_transaction_session_timeout') as idle, pg_sleep(0.1)`)
  const found = await Promise.all([ask(), ask(), ask()])
  t.equal(pool.totalCount, 3)
  for (const rows of found) t.match(rows, [{ statement: '5s', idle: '5s' }])
})

t.test('they are set once', async (t) => {
  const { pool, sent, given } = poolOf(async () => {})
  const runner = createPostgresRunner(pool, 1_000)
  for (let i = 0; i < 2; i++) await runner.rows('select 1')
  const limits = 'set statement_timeout = 1000; set idle_in_transaction_session_timeout = 1000'
  t.same(sent, [limits, 'select 1', 'select 1'])
  t.same(given, [false, false])
})

t.test(
  'a connection in which they cannot be set is given up, and nothing runs in it',
  async (t) => {
    const { pool, sent, given } = poolOf(async () => {
      throw new Error('not here')
    })
    const runner = createPostgresRunner(pool, 1_000)
    for (let i = 0; i < 2; i++) await t.rejects(runner.rows('select 1'), UNAVAILABLE)
    t.equal(sent.length, 2)
    for (const sql of sent) t.match(sql, /^set /)
    t.same(given, [true, true])
  },
)

t.test('what is late once they are set is not sent', async (t) => {
  let answer = (): void => {}
  const { pool, sent, given } = poolOf(() => new Promise((resolve) => (answer = resolve)))
  const runner = createPostgresRunner(pool, 20)
  await t.rejects(runner.rows('select 1'), UNAVAILABLE)
  answer()
  await setImmediate()
  t.equal(sent.length, 1)
  t.same(given, [true])
})
