import { statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { parseCommandLine, UsageError } from '../../bin/command-line.js'
import { resolveSettings } from '../../bin/settings.js'
import { ADA, tokenOf } from '../support/accounts.js'
import { originOf, run } from '../support/command.js'
import { bearer, postJson, SECRET } from '../support/gateways.js'

const FILE_RULE = 'must be sqlite:<file>, as sqlite:./gateway.db or sqlite:/var/lib/gateway.db'
const URL_RULE =
  'must be memory:, sqlite:<file>, postgres://<host>/<database>, redis://<host> or rediss://<host>'
const PASSWORD_RULE = 'holds a password, which others could see: set STORE_URL in the environment'
const ENV = { JWT_SECRET: SECRET, UPSTREAM_URL: 'http://127.0.0.1:9' }

t.test('whoever signed up is there after kill -9, and who logged out stays so', async (t) => {
  const file = join(t.testdir({}), 'gateway.db')
  const args = ['--port=0', `--store=sqlite:${file}`]
  const first = run(t, args, ENV)
  const url = `${await originOf(first)}/v1/auth`
  const key = { 'Idempotency-Key': 'k' }
  const signup = await postJson(`${url}/signup`, ADA, key)
  t.equal(signup.status, 201)
  const body = await signup.text()
  const token = await tokenOf(await postJson(`${url}/login`, ADA))
  t.equal((await postJson(`${url}/logout`, '', bearer(token))).status, 204)
  first.child.kill('SIGKILL')
  t.equal(await first.ended, 'SIGKILL')
  t.match(first.stdout, /"event":"store_opened","store":"sqlite","keeps":"all"/)
  t.equal(statSync(file).mode & 0o777, 0o600)

  const second = run(t, ['--port=0'], { ...ENV, STORE_URL: `sqlite:${file}` })
  const origin = await originOf(second)
  t.equal((await postJson(`${origin}/v1/auth/login`, ADA)).status, 200)
  const again = await postJson(`${origin}/v1/auth/signup`, ADA, key)
  t.equal(again.headers.get('idempotent-replayed'), 'true')
  t.equal(await again.text(), body, 'the same bytes as before')
  const proxied = await fetch(`${origin}/v1/proxy/`, { headers: bearer(token) })
  t.equal(proxied.status, 401)
  second.child.kill('SIGTERM')
  t.equal(await second.ended, 0)
})

t.test('a database that is away is waited for, and then told in a line', async (t) => {
  const away = run(t, ['--port=0'], { ...ENV, STORE_URL: 'postgres://gw@127.0.0.1:1/db' })
  const startMs = performance.now()
  t.equal(await away.ended, 1)
  t.ok(performance.now() - startMs >= 10_000)
  t.match(away.stderr, /^passport-gateway: cannot start: the store cannot be reached\n/)
})

t.test('a store that cannot be used is told in one line', async (t) => {
  const folder = t.testdir({})
  writeFileSync(join(folder, 'text'), 'this is no database, however one looks at it\n'.repeat(50))
  for (const [store, code, line] of [
    [
      `sqlite:${folder}/missing/gateway.db`,
      1,
      'cannot start: the folder of the SQLite file is missing',
    ],
    [`sqlite:${folder}`, 1, 'cannot start: the SQLite file is a folder'],
    [`sqlite:${folder}/text`, 1, 'cannot start: the SQLite file is not an SQLite database'],
    ['sqlite:', 2, `--store: ${FILE_RULE}`],
    ['mysql://root@localhost/', 2, `--store: ${URL_RULE}`],
    ['mysql://root:secret@localhost/', 2, `--store: ${PASSWORD_RULE}`],
    ['redis://:secret@localhost/', 2, `--store: ${PASSWORD_RULE}`],
  ] as const) {
    const running = run(t, ['--port=0', `--store=${store}`], ENV)
    t.equal(await running.ended, code, store)
    t.equal(running.stderr.split('\n')[0], `passport-gateway: ${line}`)
    t.notMatch(running.stdout + running.stderr, /secret|\n {4}at /)
  }
})

t.test('nor may a file with options hold a password', async (t) => {
  const folder = t.testdir({
    'options.json': JSON.stringify({ store: 'redis://:secret@localhost/' }),
  })
  const running = run(t, [`--config=${folder}/options.json`], ENV)
  t.equal(await running.ended, 2)
  t.match(running.stderr, `options.json: store: ${PASSWORD_RULE}`)
  t.notMatch(running.stderr, 'secret@')
})

t.test('users in memory are said to be', async (t) => {
  const running = run(t, ['--port=0'], ENV)
  await originOf(running)
  t.match(running.stdout, /"level":"warn","event":"store_in_memory"/)
})

t.test('an empty variable of a store is refused, and not taken for memory', (t) => {
  const options = join(t.testdir({ 'options.json': '{"store":"sqlite:a.db"}' }), 'options.json')
  const linesOf = (args: string[], env: Record<string, string>): readonly string[] => {
    try {
      resolveSettings({ commandLine: parseCommandLine(args), env, stopgaps: new Map() })
      return []
    } catch (error) {
      if (!(error instanceof UsageError)) throw error
      return error.lines
    }
  }
  const line = 'is empty: set it to the URL of a store, or do not set it'
  const both = { STORE_URL: '', EPHEMERAL_STORE_URL: '' }
  const told = [`STORE_URL: ${line}`, `EPHEMERAL_STORE_URL: ${line}`]
  t.same(linesOf([], { ...ENV, ...both }), told)
  t.same(linesOf(['--config', options], { ...ENV, STORE_URL: '' }), [told[0]])
  const flags = ['--store=memory:', '--ephemeral-store=sqlite:a']
  t.same(linesOf(flags, { ...ENV, ...both }), [], 'a flag wins')
  t.match(linesOf([], { JWT_SECRET: SECRET, STORE_URL: '' }), [told[0], /^no service behind/])
  t.end()
})
