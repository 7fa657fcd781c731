import { Client, Pool } from 'pg'
import type { Test } from 'tap'
import type { Engine } from '../../lib/stores/engine.js'
import { createPostgresEngine, postgresPoolOptions } from '../../lib/stores/postgres.js'
import {
  POSTGRES_OWNER,
  startPostgres,
  type PostgresOptions,
  type PostgresServer,
} from './postgres.ts'

const TIMEOUT_MS = 10_000

export interface PostgresEngineSettings {
  timeoutMs?: number
  limitConnections?: number
  user?: string
  password?: string
  database?: string
  /** Parameters of the connection, as PGOPTIONS has them. */
  options?: string
  hasListener?: boolean
}

/** An engine over the server, not yet opened; it is closed when the test ends. */
export const postgresEngine = (
  t: Test,
  port: number,
  settings: PostgresEngineSettings = {},
): Engine => {
  const { timeoutMs = TIMEOUT_MS, hasListener = true } = settings
  const options = optionsOf(port, settings)
  const engine = createPostgresEngine({
    pool: new Pool(options),
    ...(hasListener && { connect: () => new Client(options) }),
    timeoutMs,
  })
  t.teardown(() => engine.close())
  return engine
}

/** A server of the test's own. */
export const postgresServer = async (
  t: Test,
  options: PostgresOptions = {},
): Promise<PostgresServer> => {
  const server = await startPostgres(options)
  t.teardown(() => server.stop())
  return server
}

/** A pool of the owner, that asks and sets what the engine does not. */
export const postgresOperator = (
  t: Test,
  port: number,
  settings: PostgresEngineSettings = {},
): Pool => {
  const operator = new Pool({ ...optionsOf(port, settings), application_name: 'operator' })
  operator.on('error', () => {})
  operator.on('connect', (client) => client.on('error', () => {}))
  t.teardown(() => operator.end())
  return operator
}

const optionsOf = (port: number, settings: PostgresEngineSettings) => {
  const { user = POSTGRES_OWNER, password, database = 'postgres', options } = settings
  const { timeoutMs = TIMEOUT_MS, limitConnections = 10 } = settings
  const address = { host: '127.0.0.1', port, user, database, ...(password && { password }) }
  return {
    ...address,
    ...(options && { options }),
    ...postgresPoolOptions(timeoutMs, limitConnections),
  }
}
