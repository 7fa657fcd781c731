import { EventEmitter } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { run } from '../support/command.js'
import { withFileSizeLimit } from '../support/file-size-limit.js'
import { createManualClock } from '../support/manual-clock.js'
import { ADMIN_TOKEN } from '../support/operator.js'
import { freePort } from '../support/port.js'
import { until } from '../support/until.js'
import { row, startManaged, startScript, USER, users } from '../support/users-command.js'

const folder = mkdtempSync(join(tmpdir(), 'gateway-'))
t.teardown(() => rmSync(folder, { recursive: true }))

const FIELDS = [
  'user_id',
  'email',
  'password_hash',
  'subscription',
  'country',
  'platform',
  'disabled',
  'created_at',
]
t.test('what is exported is imported by another gateway, and exported there alike', async (t) => {
  const from = await startManaged(t)
  const rows = Array.from({ length: 2_500 }, (_, i) => row(`u${i}`, { created_at: i }))
  rows.push(row('z', { subscription: 'pro', country: 'DE', platform: 'ios', disabled: true }))
  await users(['import'], from.env, rows)
  const file = join(folder, 'all.ndjson')
  t.same(await users(['export', file], from.env), { status: 0, stdout: '', stderr: '' })
  t.equal(statSync(file).mode & 0o777, 0o600)
  const lines = readFileSync(file, 'utf8')
  t.equal(lines.split('\n').length, 2_502)
  t.same(Object.keys(JSON.parse(lines.slice(0, lines.indexOf('\n'))) as object), FIELDS)
  const to = await startManaged(t)
  const report = (counts: object) => ({ ...counts, failed: [], unreported: 0 })
  const first = await users(['import', file], to.env)
  t.same(JSON.parse(first.stdout), report({ imported: 2_501, unchanged: 0 }))
  const second = await users(['import', file], to.env)
  t.same(JSON.parse(second.stdout), report({ imported: 0, unchanged: 2_501 }))
  t.match(await users(['export'], to.env), { status: 0, stdout: lines })
})

t.test('a file that is there is not overwritten, and is added to with --after', async (t) => {
  const { env } = await startManaged(t)
  await users(['import'], env, [row('a'), row('b'), row('c')])
  const file = join(folder, 'kept.ndjson')
  writeFileSync(file, 'before\n')
  const refused = await users(['export', file], env)
  t.match(refused, {
    status: 1,
    stderr: `passport-gateway: users: ${file}: is there already; name another file\n`,
  })
  t.equal(readFileSync(file, 'utf8'), 'before\n')
  t.match(await users(['export', file, '--after', '2'], env), { status: 0, stderr: '' })
  t.match(readFileSync(file, 'utf8'), /^before\n\{"user_id":"c",[^\n]*\}\n$/)
  const unwritable = await users(['export', '/dev/full', '--after=1'], env)
  t.match(unwritable, {
    status: 1,
    stderr: /\/dev\/full: cannot be written \(ENOSPC\); go on with/,
  })
})

t.test('a file whose first page cannot be written does not stand in the way', async (t) => {
  const { env } = await startScript(t, [{ users: [USER], next: null }])
  const file = join(folder, 'first.ndjson')
  const failed = await withFileSizeLimit(10, () => users(['export', file], env))
  t.match(failed, { status: 1, stderr: /first\.ndjson: cannot be written \(EFBIG\)\n$/ })
  t.same(await users(['export', file], env), { status: 0, stdout: '', stderr: '' })
  t.match(readFileSync(file, 'utf8'), /^[^\n]+\n$/)
})

t.test('a gateway that is away for a while is asked again', async (t) => {
  const page = { users: [USER], next: 'p 1'.replace(' ', '$') }
  const { env, paths } = await startScript(t, [503, page, 503, 503, { users: [USER], next: null }])
  const clock = createManualClock()
  clock.hurry(t)
  const { status, stdout, stderr } = await users(['export'], env, [], { clock })
  t.equal(status, 0)
  t.equal(stdout.split('\n').length, 3)
  t.match(
    stderr,
    /^(passport-gateway: users: .* answers 503 busy: b; it is tried again for 30 s\n){2}$/,
  )
  t.same(
    paths,
    ['', '', '&after=p%241', '&after=p%241', '&after=p%241'].map(
      (after) => `/v1/users/export?limit=1000${after}`,
    ),
  )
})

t.test('one that stays away is given up, with how to go on', async (t) => {
  const page = { users: [USER], next: "it's" }
  const { env, paths } = await startScript(t, [page, 503])
  const clock = createManualClock()
  const startMs = clock.monotonic()
  clock.hurry(t)
  const file = join(folder, 'broken off.ndjson')
  const { status, stderr } = await users(['export', file], env, [], { clock })
  t.equal(status, 1)
  t.ok(
    stderr.endsWith(`; go on with: passport-gateway users export '${file}' --after 'it'\\''s'\n`),
  )
  t.ok(clock.monotonic() - startMs >= 30_000)
  t.ok(paths.length > 5)
  t.match(readFileSync(file, 'utf8'), /^[^\n]+\n$/)
  const nowhere = { ADMIN_TOKEN, ADMIN_URL: `http://127.0.0.1:${await freePort()}` }
  const none = await users(['export'], nowhere, [], { clock })
  t.match(none, {
    status: 1,
    stdout: '',
    stderr: /again for 30 s\n.*ECONNREFUSED.*where one does\n$/,
  })
  const wrong = await users(['export', '--after=7'], { ...env, ADMIN_TOKEN: 'x' }, [], { clock })
  t.match(wrong, { stderr: /export --after 7\n$/ })
})

t.test('what is no outage is not waited out', async (t) => {
  const { env, paths } = await startScript(t, [500])
  t.match(await users(['export'], env), { status: 1, stderr: /answers 500 busy: b\n$/ })
  t.equal(paths.length, 1)
})

t.test('what is refused at once is not advised again, what is refused later is', async (t) => {
  const { env } = await startManaged(t)
  const bogus = await users(['export', '--after', 'bogus'], env)
  t.match(bogus, { status: 1, stderr: /answers 400 invalid_request: after [^\n]*\n$/ })
  t.notMatch(bogus.stderr, /go on with/)
  const later = await startScript(t, [{ users: [USER], next: 'p1' }, 401])
  const { stderr } = await users(['export'], later.env)
  t.match(stderr, /401: ADMIN_TOKEN is not its token; go on with: .* --after p1\n$/)
})

t.test('the built command waits by the clock of this machine', async (t) => {
  const { env, paths } = await startScript(t, [503, { users: [USER], next: null }])
  const running = run(t, ['users', 'export'], env)
  t.equal(await running.ended, 0)
  t.equal(paths.length, 2)
  await until('it is told', () => running.stdout.startsWith('{"user_id":"a"'))
})

t.test('an interrupt ends the waiting, and says how to go on', async (t) => {
  const { env } = await startScript(t, [{ users: [USER], next: 'p1' }, 503])
  const clock = createManualClock()
  const signals = new EventEmitter()
  const once = (name: string, act: () => void) => signals.once(name, act)
  const off = (name: string, act: () => void) => signals.off(name, act)
  const running = users(['export'], env, [], { clock, once, off })
  await until('it waits', () => clock.sleepers === 1)
  signals.emit('SIGINT')
  t.match(await running, {
    status: 130,
    stderr: /\n.*: interrupted; go on with: passport-gateway users export --after p1\n$/,
  })
  const fresh = await startScript(t, [{ users: [USER], next: 'p1' }])
  const take = (taken: () => void): void => {
    signals.emit('SIGINT')
    taken()
  }
  const between = await users(['export'], fresh.env, [], { once, off, take })
  t.match(between, { status: 130, stderr: /^[^\n]*interrupted; go on with: .* --after p1\n$/ })
  t.equal(fresh.paths.length, 1)
  t.equal(signals.listenerCount('SIGINT'), 0)
})

t.test('no page is asked for before the one before it is taken', async (t) => {
  const { env, paths } = await startScript(t, [
    { users: [USER], next: 'p1' },
    { users: [USER], next: null },
  ])
  let taken: (() => void) | undefined
  const running = users(['export'], env, [], { take: (act) => (taken = act) })
  await until('the first is written', () => taken !== undefined)
  t.equal(paths.length, 1)
  taken?.()
  taken = undefined
  await until('the second is written', () => taken !== undefined)
  ;(taken as (() => void) | undefined)?.()
  t.match(await running, { status: 0 })
  const failing = users(['export'], env, [], {
    take: () => {
      throw new Error('unforeseen')
    },
  })
  await t.rejects(failing, { message: 'unforeseen' })
})
