import { existsSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'libsql'
import t from 'tap'
import { runMigrate } from '../../bin/migrate-command.js'
import { createSqliteEngine } from '../../lib/stores/sqlite.js'
import { call } from '../support/command-io.js'
import { postgresServer } from '../support/postgres-engines.js'
import { redisServer } from '../support/redis-engines.js'

t.test('what would be run is shown, and then run once', async (t) => {
  const file = join(t.testdir({}), 'a.db')
  const args = [`--store=sqlite:${file}`]
  const dry = await call(runMigrate, ['--dry-run', ...args])
  t.match(dry, { status: 0, stderr: '', stdout: /^-- store \(sqlite\)\ncreate table users \(/ })
  t.equal(existsSync(file), false, 'nothing is changed')
  const done = { status: 0, stderr: '', stdout: 'store (sqlite): the schema is up to date now\n' }
  t.same(await call(runMigrate, args), done)
  const again = { ...done, stdout: 'store (sqlite): the schema was up to date\n' }
  t.same(await call(runMigrate, args), again)
  const nothing = { ...done, stdout: '-- store (sqlite)\n-- nothing to do\n' }
  t.same(await call(runMigrate, ['--dry-run', ...args]), nothing)
})

t.test('what is shown makes the schema that is expected, by hand too', async (t) => {
  const file = join(t.testdir({}), 'a.db')
  const { stdout } = await call(runMigrate, ['--dry-run', `--store=sqlite:${file}`])
  const database = new Database(file)
  database.exec(stdout)
  database.close()
  const engine = createSqliteEngine({ file, timeoutMs: 10_000 })
  t.teardown(() => engine.close())
  await engine.open()
  t.equal(await engine.users.findByEmail('a'), undefined)
})

t.test('both stores are seen to, with their passwords from the environment', async (t) => {
  const [{ url }, { port }] = await Promise.all([
    postgresServer(t, { password: 'right' }),
    redisServer(t, { password: 'right' }),
  ])
  const env = {
    STORE_URL: url.replace('gw@', 'gw:right@'),
    EPHEMERAL_STORE_URL: `redis://:right@127.0.0.1:${port}`,
  }
  const dry = await call(runMigrate, ['--dry-run'], { env })
  t.match(dry.stdout, /-- store \(postgres\)\nbegin;\n[^]*create schema passport_gateway/)
  t.match(
    dry.stdout,
    /-- ephemeralStore \(redis\)\n-- redis\.call\('SET', '\{passport-gateway\}:schema', \d+\)\n$/,
  )
  t.same(await call(runMigrate, [], { env }), {
    status: 0,
    stdout:
      'store (postgres): the schema is up to date now\nephemeralStore (redis): the schema is up to date now\n',
    stderr: '',
  })
  t.match(await call(runMigrate, ['--dry-run'], { env }), {
    stdout: '-- store (postgres)\n-- nothing to do\n-- ephemeralStore (redis)\n-- nothing to do\n',
  })
  const wrong = { ...env, STORE_URL: url.replace('gw@', 'gw:hunter22@') }
  t.same(await call(runMigrate, [], { env: wrong }), {
    status: 1,
    stdout: 'ephemeralStore (redis): the schema was up to date\n',
    stderr: 'passport-gateway: migrate: store: postgres refuses the user or the password\n',
  })
})

t.test('only what the store needs is looked at', async (t) => {
  const folder = t.testdir({
    'options.json': JSON.stringify({
      port: -1,
      upstream: 'x',
      limits: { users: 'many' },
      timeouts: 5,
      store: 'sqlite:a.db',
    }),
  })
  const file = join(folder, 'b.db')
  const env = { JWT_SECRET: 'short', PASSPORT_SECRETS: '{', PORT: 'x', STORE_URL: `sqlite:${file}` }
  const config = `--config=${folder}/options.json`
  const dry = await call(runMigrate, ['--dry-run', config, '--tls-cert-file=/nowhere'], { env })
  t.match(dry, { status: 0, stderr: '', stdout: /^-- store \(sqlite\)\ncreate table users \(/ })
  const faulty = { ...env, TIMEOUTS_STORE_MS: 'x', STORE_TLS_CA_FILE: '/nowhere' }
  t.match(await call(runMigrate, [config], { env: faulty }), {
    status: 2,
    stderr: /^TIMEOUTS_STORE_MS: must be a whole number[^\n]*$/,
  })
  t.match(await call(runMigrate, [config], { env: { ...faulty, TIMEOUTS_STORE_MS: '' } }), {
    status: 2,
    stderr: 'STORE_TLS_CA_FILE: cannot be read (ENOENT)',
  })
})

t.test('it has a help, and says what is missing', async (t) => {
  t.match(await call(runMigrate, ['--help']), { status: 0, stdout: /^usage: .* migrate / })
  for (const args of [[], ['--store=memory:']])
    t.match(await call(runMigrate, args), { status: 2, stderr: /^migrate: say which store/ })
  t.match(await call(runMigrate, ['--store=x', '--dry']), {
    status: 2,
    stderr: /--dry: is no option[^]*--store: must be memory:/,
  })
})
