import type { Answer, Call } from './calls.js'
import { StoreError } from './engine.js'
import { createSqliteBatch } from './sqlite-batch.js'
import { createSqliteFile, fileIdentity, isSqliteFile, openingProblem } from './sqlite-file.js'
import { createSqliteHandle, SQLITE, sqliteCode, type SqliteDatabase } from './sqlite-handle.js'
import { migrateSqlite, pendingSqlite, versionOf } from './sqlite-schema.js'

export interface SqliteFileOptions {
  file: string
  /** For how long another process may hold its lock, in milliseconds. */
  busyMs: number
  /** Whether the file was there before: then it is not created anew where it is missing. */
  mustExist: boolean
}

/** What the worker does for the main side, without a thread. */
export interface SqliteService {
  run(requests: Call[]): Answer[]
  /** Whether another connection has written since this was asked before. */
  hasNews(): boolean
  /** Whether the file is still the one that was opened, and can be used. */
  isThere(): boolean
  close(): void
}

/** Opens the file and brings its schema up to date. Throws `StoreError`. */
export const openSqlite = (
  connect: (file: string) => SqliteDatabase,
  { file, busyMs, mustExist }: SqliteFileOptions,
): SqliteService => {
  if (!mustExist) createSqliteFile(file)
  const identity = fileIdentity(file)
  if (!identity) throw new StoreError('the SQLite file is gone', { isPassing: true })
  let database: SqliteDatabase | undefined
  try {
    database = connect(file)
    const handle = createSqliteHandle(database)
    handle.exec(`pragma busy_timeout = ${busyMs}`)
    // SQLite itself does not wait for who turns the same file to WAL at the same time.
    whileBusy(busyMs, () => handle.exec('pragma journal_mode = wal; pragma synchronous = full'))
    migrateSqlite(handle)
    let isBroken = false
    const batch = createSqliteBatch(handle, {
      nowMs: Date.now,
      fileId: identity,
      onError: (error) => {
        isBroken ||= BROKEN.has(sqliteCode(error))
      },
    })
    const opened = database
    const dataVersion = (): unknown => handle.get('pragma data_version')?.['data_version']
    let version = dataVersion()
    return {
      run: batch,
      hasNews: () => {
        const before = version
        version = dataVersion()
        return version !== before
      },
      isThere: () => !isBroken && fileIdentity(file) === identity,
      close: () => void opened.close(),
    }
  } catch (error) {
    database?.close()
    throw openingProblem(error)
  }
}

/** The SQL that opening would run to bring the schema up to date. */
export const pendingInSqlite = (
  connect: (file: string) => SqliteDatabase,
  file: string,
): string => {
  try {
    return pendingSqlite(isSqliteFile(file) ? versionIn(connect(file)) : 0)
  } catch (error) {
    throw openingProblem(error)
  }
}

const versionIn = (database: SqliteDatabase): number => {
  try {
    return versionOf(createSqliteHandle(database))
  } finally {
    database.close()
  }
}

const PAUSE_MS = 5
// SQLITE_IOERR, SQLITE_CORRUPT, SQLITE_CANTOPEN, SQLITE_NOTADB: only a new handle can be sound.
const BROKEN = new Set<number | undefined>([10, 11, 14, 26])

const whileBusy = (limitMs: number, work: () => void): void => {
  const endMs = performance.now() + limitMs
  for (;;) {
    try {
      return work()
    } catch (error) {
      if (sqliteCode(error) !== SQLITE.busy || performance.now() > endMs) throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS)
    }
  }
}
