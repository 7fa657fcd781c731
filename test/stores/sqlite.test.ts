import { execFile } from 'node:child_process'
import { existsSync, renameSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import Database from 'libsql'
import t, { type Test } from 'tap'
import { StoreError, type Engine } from '../../lib/stores/engine.js'
import { createSqliteBatch } from '../../lib/stores/sqlite-batch.js'
import { createSqliteFile, openingProblem } from '../../lib/stores/sqlite-file.js'
import { createSqliteHandle, type SqliteDatabase } from '../../lib/stores/sqlite-handle.js'
import { migrateSqlite } from '../../lib/stores/sqlite-schema.js'
import { openSqlite, pendingInSqlite } from '../../lib/stores/sqlite-service.js'
import { createSqliteEngine, type SqliteEngineOptions } from '../../lib/stores/sqlite.js'
import type { User } from '../../lib/users/user-store.js'
import { until } from '../support/until.js'
import { conform } from './conformance.js'

const UNREACHABLE = 'the SQLite file cannot be reached'

const engineOn = (t: Test, file: string, more: Partial<SqliteEngineOptions> = {}) => {
  const engine = createSqliteEngine({ file, timeoutMs: 10_000, pollMs: 20, ...more })
  t.teardown(() => engine.close())
  return engine
}

// One pair for the whole suite, emptied each time: a thread that reads TypeScript takes seconds to start.
t.test('SQLite does what every engine does', async (t) => {
  const file = join(t.testdir({}), 'a.db')
  const engines: [Engine, Engine] = [engineOn(t, file), engineOn(t, file)]
  await Promise.all(engines.map((engine) => engine.open()))
  const database = connect(file)
  await conform(t, async () => {
    for (const table of ['users', 'idempotency', 'revocations'])
      database.exec(`delete from ${table}`)
    return engines
  })
})

const user = (email: string, id = `user_${email}`): User => ({
  id,
  email,
  passwordHash: 'hash',
  subscription: 'free',
  country: 'ZZ',
  platform: 'unknown',
  isDisabled: false,
  createdAtSeconds: 0,
})
const connect = (file: string): SqliteDatabase => new Database(file) as unknown as SqliteDatabase
const UNAVAILABLE = { code: 'store_unavailable' }

t.test('what cannot be opened is said in a line of its own', async (t) => {
  const folder = t.testdir({ text: 'no database, but a text. '.repeat(100), inside: {} })
  const newer = connect(join(folder, 'newer'))
  newer.exec('pragma user_version = 99')
  for (const [name, message] of [
    ['none/a.db', 'the folder of the SQLite file is missing'],
    ['text', 'the SQLite file is not an SQLite database'],
    ['newer', 'the store has a newer schema (99) than this version knows (1)'],
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

t.test('no two strings are one, and each comes back', async (t) => {
  const engine = engineOn(t, join(t.testdir({}), 'a.db'))
  await engine.open()
  for (const text of ['\ud800', '\udc00', '\ufffd', '\ufffe', 'a\0b', 'a', '\ufffed800']) {
    t.equal(await engine.users.insert(user(text, text)), true)
    t.equal((await engine.users.findById(text))?.email, text)
  }
})

t.test('a lock that another holds ends in time, and reading goes on', async (t) => {
  const file = join(t.testdir({}), 'a.db')
  const engine = engineOn(t, file, { timeoutMs: 400 })
  await engine.open()
  const other = connect(file)
  other.exec('begin immediate')
  const inserted = engine.users.insert(user('a'))
  await t.rejects(inserted, UNAVAILABLE)
  t.equal(await engine.users.findByEmail('a'), undefined)
  other.exec('commit')
  t.equal(await engine.users.insert(user('a')), true)
})

t.test('a file that is gone or spoiled fails requests, and is used once it is back', async (t) => {
  const file = join(t.testdir({}), 'a.db')
  const engine = engineOn(t, file)
  await engine.open()
  t.equal(await engine.users.insert(user('a')), true)
  renameSync(file, `${file}.away`)
  await t.rejects(engine.users.insert(user('b')), UNAVAILABLE)
  await t.rejects(engine.users.insert(user('b')), UNAVAILABLE)
  t.equal(existsSync(file), false, 'no empty one in its place')
  renameSync(`${file}.away`, file)
  await until('it is back', () =>
    engine.ping().then(
      () => true,
      () => false,
    ),
  )
  t.match(await engine.users.findByEmail('a'), { id: 'user_a' })
  await engine.close()
  await t.rejects(engine.ping(), UNAVAILABLE)
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

t.test('no more wait than may', async (t) => {
  const engine = engineOn(t, join(t.testdir({}), 'a.db'), { limitWaiting: 1 })
  await engine.open()
  const pings = await Promise.allSettled([engine.ping(), engine.ping()])
  t.match(pings, [{ status: 'fulfilled' }, { reason: { code: 'overloaded' } }])
})

t.test('a thread that cannot start in time is given up', async (t) => {
  const engine = engineOn(t, join(t.testdir({}), 'a.db'), { timeoutMs: 1, startMs: 1 })
  await t.rejects(engine.open(), { name: 'StoreError', isPassing: true })
})

t.test('a full disk is said to who adds', (t) => {
  const database = connect(join(t.testdir({}), 'a.db'))
  const handle = createSqliteHandle(database)
  migrateSqlite(handle)
  handle.exec('pragma max_page_count = 1')
  const run = createSqliteBatch(handle, Date.now, () => {})
  const late = { id: 3, verb: 'ping', args: [], untilMs: 0 }
  const untilMs = Infinity
  const insert = { id: 1, verb: 'users.insert', args: [user('a'.repeat(100_000))], untilMs }
  const faulty = { id: 4, verb: 'users.findById', args: [undefined], untilMs }
  const unknown = { id: 2, verb: 'users.unknown', args: [], untilMs }
  t.same(run([late, insert]), [
    { id: 3, ...UNAVAILABLE },
    { id: 1, code: 'overloaded' },
  ])
  t.same(run([unknown]), [{ id: 2, ...UNAVAILABLE }])
  t.same(run([faulty]), [{ id: 4, ...UNAVAILABLE }])
  t.end()
})

t.test('of two processes that insert one e-mail 200 times one wins', async (t) => {
  const file = join(t.testdir({}), 'a.db')
  const script = fileURLToPath(new URL('../support/sqlite-inserts.ts', import.meta.url))
  const run = promisify(execFile)
  const args = [...process.execArgv, script, file]
  const ran = await Promise.all(
    ['one', 'two'].map((name) => run(process.execPath, [...args, name])),
  )
  t.same(
    ran.reduce((sum, { stdout }) => sum + Number(stdout), 0),
    1,
  )
})
