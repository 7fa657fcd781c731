import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { run } from '../support/command.js'
import { withFileSizeLimit } from '../support/file-size-limit.js'
import { row, startManaged, startScript, USER, users } from '../support/users-command.js'

const folder = mkdtempSync(join(tmpdir(), 'gateway-'))
t.teardown(() => rmSync(folder, { recursive: true }))

const PAGE = { users: [USER], next: 'p1' }
const UNWRITABLE = 'passport-gateway: users: standard output cannot be written'
const FULL = openSync('/dev/full', 'w')
t.teardown(() => closeSync(FULL))

const openFile = (t: Test, name: string, flags: string): number => {
  const fd = openSync(join(folder, name), flags)
  t.teardown(() => closeSync(fd))
  return fd
}

t.test('a standard output that is full is told, with how to go on', async (t) => {
  const { env } = await startManaged(t)
  await users(['import'], env, [row('ada')])
  for (const [args, line] of [
    [['export'], `${UNWRITABLE} (ENOSPC)`],
    [
      ['export', '--after=0'],
      `${UNWRITABLE} (ENOSPC); go on with: passport-gateway users export --after 0`,
    ],
    [
      ['import'],
      `${UNWRITABLE} (ENOSPC); 1 of the rows were imported, 0 unchanged, 1 not imported`,
    ],
    [['list'], `${UNWRITABLE} (ENOSPC)`],
    [['--help'], `${UNWRITABLE} (ENOSPC)`],
  ] as const) {
    const running = run(t, ['users', ...args], env, `${row('eve')}x\n`, FULL)
    t.equal(await running.ended, 1, args.join(' '))
    t.equal(running.stderr, `${line}\n`)
  }
  const secret = run(t, ['secret'], {}, '', FULL)
  t.equal(await secret.ended, 1)
  t.equal(secret.stderr, 'passport-gateway: standard output cannot be written (ENOSPC)\n')
})

t.test('a page that a full disk took half of is taken back', async (t) => {
  const { env } = await startScript(t, [PAGE, { ...PAGE, next: 'p2' }])
  const fd = openFile(t, 'half', 'a')
  const bytes = Buffer.byteLength((await users(['export'], (await startOne(t)).env)).stdout)
  const outcome = await withFileSizeLimit(bytes + 20, () => users(['export'], env, [], { fd }))
  t.same(outcome, {
    status: 1,
    stdout: '',
    stderr: `${UNWRITABLE} (EFBIG); go on with: passport-gateway users export --after p1\n`,
  })
  t.match(readFileSync(join(folder, 'half'), 'utf8'), /^[^\n]+\n$/)
})

const startOne = (t: Test) => startScript(t, [{ ...PAGE, next: null }])

t.test('a file gets all of it, and one that cannot be written stays', async (t) => {
  const { env } = await startOne(t)
  const whole = await users(['export'], env, [], { fd: openFile(t, 'whole', 'w') })
  t.same(whole, { status: 0, stdout: '', stderr: '' })
  t.match(readFileSync(join(folder, 'whole'), 'utf8'), /^\{"user_id":"a",[^\n]*\}\n$/)
  writeFileSync(join(folder, 'kept'), 'before\n')
  const refused = await users(['export'], env, [], { fd: openFile(t, 'kept', 'r') })
  t.match(refused, { status: 1, stderr: `${UNWRITABLE} (EBADF)\n` })
  t.equal(readFileSync(join(folder, 'kept'), 'utf8'), 'before\n')
})

t.test('whoever reads no more is told nothing', async (t) => {
  const { env, paths } = await startScript(t, [PAGE, { ...PAGE, next: 'p2' }, PAGE])
  const gone = Object.assign(new Error('gone'), { code: 'EPIPE' })
  const outcome = await users(['export'], env, [], { take: (taken) => taken(gone) })
  t.match(outcome, { status: 1, stderr: '' })
  t.equal(paths.length, 1)
})

t.test('what nobody foresaw is not taken for a report that cannot be printed', async (t) => {
  const { env } = await startManaged(t)
  const take = (taken: (error: Error) => void): void => taken(new Error('unforeseen'))
  await t.rejects(users(['import'], env, [row('a')], { take }), { message: 'unforeseen' })
})
