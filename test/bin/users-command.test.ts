import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { originOf, run } from '../support/command.js'
import { SECRET } from '../support/gateways.js'
import { ADMIN_TOKEN } from '../support/operator.js'
import { freePort } from '../support/port.js'
import { until } from '../support/until.js'
import { row, startManaged, users } from '../support/users-command.js'

const folder = mkdtempSync(join(tmpdir(), 'gateway-'))
t.teardown(() => rmSync(folder, { recursive: true }))

t.test('a user is imported, shown, changed, disabled, enabled and deleted', async (t) => {
  const { env } = await startManaged(t)
  const imported = await users(['import'], env, [row('ada').slice(0, 20), row('ada').slice(20)])
  t.same(imported, {
    status: 0,
    stdout: '{"imported":1,"unchanged":0,"failed":[],"unreported":0}\n',
    stderr: '',
  })
  const steps: Array<[string[], object]> = [
    [['show', 'ada'], { user_id: 'ada', subscription: 'free', disabled: false }],
    [['show', 'ADA@example.com'], { user_id: 'ada' }],
    [
      ['set', 'ada', '--subscription=pro', '--country', 'de', '--platform', 'ios'],
      { subscription: 'pro', country: 'DE', platform: 'ios' },
    ],
    [['set', 'ada@example.com', '--country=IN'], { subscription: 'pro', country: 'IN' }],
    [['disable', 'ada@example.com'], { disabled: true }],
    [['enable', 'ada'], { disabled: false }],
    [['delete', 'ada@example.com'], { deleted: 'ada@example.com' }],
  ]
  for (const [args, shown] of steps) {
    const { status, stdout, stderr } = await users(args, env)
    t.equal(status, 0, `${args.join(' ')}: ${stderr}`)
    t.match(JSON.parse(stdout), shown, args.join(' '))
    t.match(stdout, /^[^\n]+\n$/)
  }
  t.match(await users(['show', 'ada'], env), { status: 1, stdout: '' })
})

t.test('list prints all pages, a user a line', async (t) => {
  const { env } = await startManaged(t)
  t.same(await users(['list'], env), { status: 0, stdout: '', stderr: '' })
  const file = join(folder, 'users.ndjson')
  writeFileSync(file, Array.from({ length: 2_001 }, (_, i) => row(`u${i}`)).join(''))
  t.match(await users(['import', file], env), { status: 0 })
  const { stdout } = await users(['list'], env)
  const lines = stdout.trimEnd().split('\n')
  t.equal(lines.length, 2_001)
  t.match(JSON.parse(lines[2_000] ?? ''), { user_id: 'u2000', email: 'u2000@example.com' })
})

t.test('rows that were not imported are told, and make it fail', async (t) => {
  const { env } = await startManaged(t)
  const input = [row('a'), row('b', { country: 'XX', disabled: 1 }), 'x\n', row('c')]
  const { status, stdout, stderr } = await users(['import'], env, input)
  t.equal(status, 1)
  t.match(JSON.parse(stdout), { imported: 2, failed: [{ line: 2 }, { line: 2 }, { line: 3 }] })
  t.equal(stderr, 'passport-gateway: users: 2 of the rows were not imported; see failed\n')
})

t.test('--help tells what there is', async (t) => {
  for (const args of [['--help'], ['list', '-h']]) {
    const { status, stdout, stderr } = await users(args)
    t.equal(status, 0)
    t.equal(stderr, '')
    t.match(
      stdout,
      /^usage: passport-gateway users list\n[^]*\[http:\/\/127\.0\.0\.1:8081\] \(ADMIN_URL\)/,
    )
  }
})

t.test('the built command manages the users of a running gateway', async (t) => {
  const adminPort = await freePort()
  const env = { ADMIN_TOKEN, ADMIN_URL: `http://127.0.0.1:${adminPort}` }
  const options = ['--port=0', '--upstream=http://127.0.0.1:9', `--admin-port=${adminPort}`]
  const gateway = run(t, options, { JWT_SECRET: SECRET, ADMIN_TOKEN })
  await originOf(gateway)
  await until('both listen', () => gateway.stdout.includes('"event":"admin_listening"'))
  const file = join(folder, 'one.ndjson')
  writeFileSync(file, row('ada'))
  for (const [args, expected] of [
    [['import', file], /^\{"imported":1,/],
    [['list'], /^\{"user_id":"ada",.*\}\n$/],
  ] as const) {
    const running = run(t, ['users', ...args], env)
    t.equal(await running.ended, 0)
    await until('it is told', () => running.stdout !== '')
    t.match(running.stdout, expected)
  }
  const unread = run(t, ['users', 'list'], env)
  unread.child.stdout?.destroy()
  t.equal(await unread.ended, 1)
  t.equal(unread.stderr, '', 'nor is there a stack')
  const second = run(t, options, { JWT_SECRET: SECRET, ADMIN_TOKEN })
  t.equal(await second.ended, 1)
  await until('it is told', () => second.stderr !== '')
  t.match(second.stderr, /port \d+ is taken; give another with --admin-port\n$/)
  t.notMatch(gateway.stdout + second.stdout, new RegExp(ADMIN_TOKEN))
})
