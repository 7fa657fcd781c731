// What keeps an SQLite file from being used, and how it is opened.
import fs, { readdirSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import t from 'tap'
import { StoreError } from '../../lib/stores/engine.js'
import { createSqliteFile, openingProblem } from '../../lib/stores/sqlite-file.js'
import type { SqliteDatabase } from '../../lib/stores/sqlite-handle.js'
import { openSqlite, pendingInSqlite } from '../../lib/stores/sqlite-service.js'
import { connectSqlite as connect, sqliteEngine as engineOn } from '../support/sqlite-engines.js'
import { user } from '../support/store-samples.js'

const UNAVAILABLE = { code: 'store_unavailable' }
const UNREACHABLE = 'the SQLite file cannot be reached'

t.test('what cannot be opened is said in a line of its own', async (t) => {
  const folder = t.testdir({ text: 'no database, but a text. '.repeat(100), inside: {} })
  const newer = connect(join(folder, 'newer'))
  newer.exec('pragma user_version = 99')
  for (const [name, message] of [
    ['none/a.db', 'the folder of the SQLite file is missing'],
    ['text', 'the SQLite file is not an SQLite database'],
    ['newer', 'the store has a newer schema (99) than this version knows (2)'],
    ['inside', 'the SQLite file is a folder'],
  ] as const) {
    const file = join(folder, name)
    const expected = new StoreError(message, { isPassing: false })
    t.throws(() => openSqlite(connect, { file, busyMs: 0, mustExist: false }), expected, name)
    t.throws(() => pendingInSqlite(connect, file), expected, name)
  }
  t.match(openingProblem({ code: 'EACCES' }).message, /no permission/)
  t.match(openingProblem(new Error('whatever')), { isPassing: true, message: /cannot be reached/ })
  t.match(openingProblem({ rawCode: 13 }).message, /no room/)
})

t.test('a file that can only be read is not opened, nor one in a folder that can', async (t) => {
  const folder = t.testdir({ 'a.db': '' })
  const file = join(folder, 'a.db')
  for (const locked of [file, folder]) {
    const accessSync = (path: string, mode: number): void => {
      if (path === locked && mode === (fs.constants.R_OK | fs.constants.W_OK))
        throw Object.assign(new Error('no'), { code: 'EACCES' })
    }
    // Whoever runs the tests may be one who may do everything.
    const { createSqliteFile } = await t.mockImport<
      typeof import('../../lib/stores/sqlite-file.js')
    >('../../lib/stores/sqlite-file.js', { 'node:fs': { ...fs, accessSync } })
    t.throws(() => createSqliteFile(file), {
      message: 'there is no permission to read and write the SQLite file',
      isPassing: false,
    })
  }
})

t.test('a driver does not take the name for something else', async (t) => {
  const folder = t.testdir({})
  const engine = engineOn(t, join(relative(process.cwd(), folder), 'file:a.db'))
  await engine.open()
  await engine.users.insert(user('a'))
  t.same(
    readdirSync(folder).filter((name) => name.endsWith('.db')),
    ['file:a.db'],
  )
})

t.test('a thread tells what keeps it from opening', async (t) => {
  const engine = engineOn(t, join(t.testdir({}), 'a.db'), {
    driver: 'nothing' as 'libsql',
  })
  const expected = {
    name: 'StoreError',
    message: /needs Node 22.13 or newer, or the package libsql/,
    isPassing: false,
  }
  await Promise.all([t.rejects(engine.open(), expected), t.rejects(engine.pending(), expected)])
  await t.rejects(engine.ping(), UNAVAILABLE)
})

t.test('the file is for its owner alone', async (t) => {
  const file = join(t.testdir({}), 'a.db')
  await engineOn(t, file).open()
  for (const end of ['', '-wal', '-shm']) t.equal(statSync(file + end).mode & 0o777, 0o600, end)
})

t.test('while another starts to use the file, one waits for it, as long as it may', async (t) => {
  const file = join(t.testdir({}), 'a.db')
  createSqliteFile(file)
  const other = connect(file)
  other.exec('begin exclusive')
  const options = { file, busyMs: 30, mustExist: false }
  t.throws(() => openSqlite(connect, options), new StoreError(UNREACHABLE, { isPassing: true }))
  other.exec('commit')
  let isBusy = true
  const busyOnce = (name: string): SqliteDatabase => {
    const database = connect(name)
    const exec = (sql: string): unknown => {
      if (!isBusy || !sql.includes('journal_mode')) return database.exec(sql)
      isBusy = false
      throw Object.assign(new Error('busy'), { rawCode: 5 })
    }
    return { exec, prepare: (sql) => database.prepare(sql), close: () => database.close() }
  }
  openSqlite(busyOnce, options).close()
  t.equal(isBusy, false)
})

t.test('a thread that cannot start in time is given up', async (t) => {
  const engine = engineOn(t, join(t.testdir({}), 'a.db'), { timeoutMs: 1, startMs: 1 })
  await t.rejects(engine.open(), { name: 'StoreError', isPassing: true })
})
