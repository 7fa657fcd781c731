import { execFile } from 'node:child_process'
import { existsSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import t from 'tap'
import type { Engine } from '../../lib/stores/engine.js'
import { createSqliteBatch } from '../../lib/stores/sqlite-batch.js'
import { createSqliteHandle } from '../../lib/stores/sqlite-handle.js'
import { migrateSqlite } from '../../lib/stores/sqlite-schema.js'
import { connectSqlite as connect, sqliteEngine as engineOn } from '../support/sqlite-engines.js'
import { user } from '../support/store-samples.js'
import { until } from '../support/until.js'
import { conform } from './conformance.js'

const UNAVAILABLE = { code: 'store_unavailable' }

// One pair for the whole suite, emptied each time: a thread that reads TypeScript takes seconds to start.
t.test('SQLite does what every engine does', async (t) => {
  const file = join(t.testdir({}), 'a.db')
  const engines: [Engine, Engine] = [engineOn(t, file), engineOn(t, file)]
  await Promise.all(engines.map((engine) => engine.open()))
  const database = connect(file)
  await conform(t, async () => {
    for (const table of ['users', 'idempotency', 'revocations', 'throttle'])
      database.exec(`delete from ${table}`)
    return engines
  })
})

t.test('no two strings are one, and each comes back', async (t) => {
  const engine = engineOn(t, join(t.testdir({}), 'a.db'))
  await engine.open()
  for (const text of ['\ud800', '\udc00', '\ufffd', '\ufffe', 'a\0b', 'a', '\ufffed800']) {
    t.equal(await engine.users.insert(user(text, { id: text })), true)
    t.equal((await engine.users.findById(text))?.email, text)
  }
})

t.test('a lock that another holds ends in time, and reading goes on', async (t) => {
  const file = join(t.testdir({}), 'a.db')
  // The system does not keep two drivers of one process from each other.
  const engine = engineOn(t, file, { timeoutMs: 400, driver: 'libsql' })
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

t.test('no more wait than may', async (t) => {
  const engine = engineOn(t, join(t.testdir({}), 'a.db'), { limitWaiting: 1 })
  await engine.open()
  const pings = await Promise.allSettled([engine.ping(), engine.ping()])
  t.match(pings, [{ status: 'fulfilled' }, { reason: { code: 'overloaded' } }])
})

t.test('a full disk is said to who adds', (t) => {
  const database = connect(join(t.testdir({}), 'a.db'))
  const handle = createSqliteHandle(database)
  migrateSqlite(handle)
  handle.exec('pragma max_page_count = 1')
  const run = createSqliteBatch(handle, { nowMs: Date.now, fileId: '', onError: () => {} })
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
