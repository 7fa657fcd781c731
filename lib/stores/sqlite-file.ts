import { accessSync, closeSync, constants, openSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { StoreError } from './engine.js'
import { SQLITE, sqliteCode } from './sqlite-handle.js'

const final = (message: string): StoreError => new StoreError(message, { isPassing: false })

/** Creates the file for its owner alone where there is none. Throws `StoreError`, also where it cannot be written. */
export const createSqliteFile = (file: string): void => {
  try {
    // A file that is there is not opened: closing it would give up the locks this process has on it.
    closeSync(openSync(file, 'wx', 0o600))
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw openingProblem(error)
    isSqliteFile(file)
    refuseReadOnly(file)
  }
}

// SQLite opens it all the same, and then only reads; its log stands beside it.
const refuseReadOnly = (file: string): void => {
  try {
    for (const path of [file, dirname(file)]) accessSync(path, constants.R_OK | constants.W_OK)
  } catch (error) {
    throw openingProblem(error)
  }
}

/** Whether there is a file; throws where a folder stands in its place, or its folder is missing. */
export const isSqliteFile = (file: string): boolean => {
  const stats = statSync(file, { throwIfNoEntry: false })
  if (stats?.isDirectory()) throw final('the SQLite file is a folder')
  // Throws where there is none.
  if (!stats) statSync(dirname(file))
  return stats !== undefined
}

/** Which file this is; `undefined` when there is none. */
export const fileIdentity = (file: string): string | undefined => {
  const stats = statSync(file, { bigint: true, throwIfNoEntry: false })
  return stats && `${stats.dev} ${stats.ino}`
}

/** What keeps a file from being opened, without any word of the system or of a driver. */
export const openingProblem = (error: unknown): StoreError => {
  if (error instanceof StoreError) return error
  if (sqliteCode(error) === SQLITE.noDatabase)
    return final('the SQLite file is not an SQLite database')
  if (sqliteCode(error) === SQLITE.full)
    return new StoreError('there is no room on the disk of the SQLite file', { isPassing: true })
  const known = PROBLEMS.get(codeOf(error))
  if (known) return final(known)
  return new StoreError('the SQLite file cannot be reached', { isPassing: true })
}

const codeOf = (error: unknown): unknown => (Object(error) as { code?: unknown }).code

const NO_PERMISSION = 'there is no permission to read and write the SQLite file'
const PROBLEMS = new Map<unknown, string>([
  ['ENOENT', 'the folder of the SQLite file is missing'],
  ['ENOTDIR', 'the folder of the SQLite file is missing'],
  ['EACCES', NO_PERMISSION],
  ['EPERM', NO_PERMISSION],
  ['EROFS', NO_PERMISSION],
])
