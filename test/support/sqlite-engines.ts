import Database from 'libsql'
import type { Test } from 'tap'
import type { SqliteDatabase } from '../../lib/stores/sqlite-handle.js'
import { createSqliteEngine, type SqliteEngineOptions } from '../../lib/stores/sqlite.js'
import type { Engine } from '../../lib/stores/engine.js'

/** An engine over a file, not opened; closed when the test ends. */
export const sqliteEngine = (
  t: Test,
  file: string,
  more: Partial<SqliteEngineOptions> = {},
): Engine => {
  const engine = createSqliteEngine({ file, timeoutMs: 10_000, pollMs: 20, ...more })
  t.teardown(() => engine.close())
  return engine
}

/** A connection of somebody else to a file. */
export const connectSqlite = (file: string): SqliteDatabase =>
  new Database(file) as unknown as SqliteDatabase // of the same shape
