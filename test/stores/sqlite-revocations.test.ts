// What SQLite tells who follows the log, where the file is no longer the one that was read.
import { renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'libsql'
import t from 'tap'
import type { LogPage } from '../../lib/revocation/revocation-log.js'
import { createSqliteHandle, type SqliteDatabase } from '../../lib/stores/sqlite-handle.js'
import { createSqliteRevocations } from '../../lib/stores/sqlite-revocations.js'
import { migrateSqlite } from '../../lib/stores/sqlite-schema.js'
import { openSqlite, type SqliteService } from '../../lib/stores/sqlite-service.js'
import { token } from '../support/store-samples.js'

const NOW_MS = Date.now()
const connect = (file: string): SqliteDatabase => new Database(file) as unknown as SqliteDatabase

const setUp = () => {
  const handle = createSqliteHandle(connect(':memory:'))
  migrateSqlite(handle)
  const time = { nowMs: NOW_MS }
  const open = (fileId: string) => createSqliteRevocations(handle, () => time.nowMs, fileId)
  const setCounter = (seq: number) => handle.run('update revocation_counter set seq = ?', seq)
  return { handle, time, open, setCounter }
}

const idsOf = ({ entries }: { entries: object[] }): unknown[] =>
  entries.map((entry) => 'tokenId' in entry && entry.tokenId)

t.test('entries added after a restored backup stand behind every position', (t) => {
  const { time, open, setCounter } = setUp()
  const log = open('1 1')
  log.addToken(token('a'))
  log.addToken(token('b'))
  const { position } = log.read(undefined, 9)
  t.equal(position, `1 1 ${NOW_MS * 1000 + 1}`)
  setCounter(0)
  time.nowMs += 1
  log.addToken(token('c'))
  log.raiseUser('user_bob', 1, Infinity)
  t.same(idsOf(log.read(position, 9)), ['c', false])
  time.nowMs -= 60_000
  log.addToken(token('d'))
  t.same(idsOf(log.read(log.read(position, 9).position, 9)), [], 'a clock that was set back')
  t.same(idsOf(log.read(position, 9)), ['c', false, 'd'])
  t.end()
})

t.test('a position behind the last entry, or of another file, is read from the first on', (t) => {
  const { handle, open, setCounter } = setUp()
  const log = open('1 1')
  log.addToken(token('a'))
  const { position } = log.read(undefined, 9)
  t.same(idsOf(log.read(position, 9)), [])
  t.same(idsOf(open('1 2').read(position, 9)), ['a'], 'another file')
  const other = open('1 2').read(position, 9)
  t.same(idsOf(open('1 2').read(other.position, 9)), [])
  for (const strange of ['', 'x', '7', '1 1 x']) t.same(idsOf(log.read(strange, 9)), ['a'], strange)
  handle.run('update revocations set seq = 7')
  setCounter(7)
  const again = log.read(position, 9)
  t.same(idsOf(again), ['a'], 'as after a loss of only the last entries')
  t.same(idsOf(log.read(again.position, 9)), [])
  handle.run('delete from revocations')
  setCounter(3)
  t.equal(log.read(again.position, 9).position, '1 1 0')
  t.end()
})

t.test('after a backup was moved into place, what one adds the other reads', (t) => {
  const file = join(t.testdir({}), 'a.db')
  const open = () => openSqlite(connect, { file, busyMs: 0, mustExist: false })
  const ask = (service: SqliteService, verb: string, ...args: unknown[]): unknown => {
    const [answer] = service.run([{ id: 1, verb, args, untilMs: Infinity }])
    return (answer as { value: unknown }).value
  }
  const read = (service: SqliteService, position?: string): LogPage =>
    ask(service, 'revocations.read', position, 9) as LogPage
  let [one, other] = [open(), open()]
  ask(one, 'revocations.addToken', token('kept'))
  const { position: early } = read(other)
  const database = connect(file)
  database.exec(`vacuum into '${file}.backup'`)
  database.close()
  for (const id of ['a', 'b', 'c']) ask(one, 'revocations.addToken', token(id))
  const { position } = read(other, early)
  for (const service of [one, other]) service.close()
  for (const end of ['-wal', '-shm']) rmSync(`${file}${end}`, { force: true })
  renameSync(`${file}.backup`, file)
  ;[one, other] = [open(), open()]
  t.equal(ask(one, 'revocations.addToken', token('d')), true)
  t.same(idsOf(read(other, position)), ['kept', 'd'])
  for (const service of [one, other]) service.close()
  t.end()
})
