import t from 'tap'
import { postgresEngine, postgresOperator, postgresServer } from '../support/postgres-engines.js'
import { postgresPooler } from '../support/postgres-pooler.js'
import { token, user } from '../support/store-samples.js'
import { until } from '../support/until.js'

const UNAVAILABLE = { code: 'store_unavailable' }

t.test('what cannot be opened is said in a line of its own', async (t) => {
  const { port } = await postgresServer(t, { password: 'right' })
  const owner = { password: 'right' }
  const operator = postgresOperator(t, port, owner)
  await postgresEngine(t, port, owner).open()
  await operator.query(`
    create role poor login password 'p';
    create role lonely login password 'p' connection limit 0;
    create role frozen login password 'p';
    alter role frozen set default_transaction_read_only = on;
    create role strict login password 'p';
    alter role strict set default_transaction_isolation = 'serializable'`)
  await operator.query(`create database latin template template0 encoding 'LATIN1' locale 'C'`)
  await operator.query('create database empty template template0')
  const poor = { user: 'poor', password: 'p' }
  const wrong = 'postgres refuses the user or the password'
  const forbidden = 'postgres does not permit its user what the gateway needs'
  for (const [settings, message, isPassing] of [
    [{ password: 'sesame' }, wrong, false],
    [{}, wrong, false],
    [{ user: 'nobody', password: 'sesame' }, wrong, false],
    [{ ...owner, database: 'none' }, 'the database is not there in postgres', false],
    [{ ...owner, database: 'latin' }, /does not have the encoding UTF8$/, false],
    [{ ...poor, database: 'empty' }, forbidden, false],
    [poor, forbidden, false],
    [{ ...poor, user: 'strict' }, /are not "read committed" by default/, false],
    [{ ...poor, user: 'frozen' }, 'postgres is read-only', true],
    [{ ...poor, user: 'lonely' }, 'postgres takes no more connections', true],
  ] as const) {
    const engine = postgresEngine(t, port, settings)
    await t.rejects(engine.open(), { name: 'StoreError', message, isPassing }, String(message))
    const error = await engine.open().catch((error: unknown) => error)
    t.notMatch(JSON.stringify(error, Object.getOwnPropertyNames(error)), /sesame/)
  }
  await t.rejects(
    postgresEngine(t, port, { ...poor, user: 'lonely' }).users.insert(user('ada')),
    UNAVAILABLE,
  )

  await operator.query(`grant usage on schema passport_gateway to poor;
    grant select, insert, update on all tables in schema passport_gateway to poor`)
  await t.rejects(postgresEngine(t, port, poor).open(), { message: forbidden })
  await operator.query('grant delete on all tables in schema passport_gateway to poor')
  const engine = postgresEngine(t, port, poor)
  await engine.open()
  const { users, idempotency, revocations } = engine
  t.equal(await users.insert(user('bob')), true)
  t.match(await idempotency.claim('k', 'f', 1_000), { claimId: /-/ })
  t.equal(await revocations.addToken(token('a')), true)
  await revocations.raiseUser('user_bob', 1, Infinity)
  t.equal(await users.remove('user_bob'), true, 'who may do that needs no more')
})

t.test(
  'behind a pooler that takes no parameters of the connection all is as without',
  async (t) => {
    const { port } = await postgresServer(t)
    const pooler = await postgresPooler(t, port)
    const engine = postgresEngine(t, pooler.port)
    await engine.open()
    let told = 0
    engine.revocations.listen(() => told++)
    await until('it listens', () => told > 0)
    await engine.revocations.addToken(token('a'))
    await until('it is told', () => told > 1)
    t.equal(await engine.users.insert(user('ada')), true)
  },
)

t.test('what a pooler refuses is said, and is waited for where that may help', async (t) => {
  const pooler = await postgresPooler(t, 9)
  await t.rejects(postgresEngine(t, pooler.port, { options: '-c geqo=off' }).open(), {
    message:
      'a pooler before postgres refuses a parameter of the connection, as PGOPTIONS sets them',
    isPassing: false,
  })
  pooler.refusal = 'no more connections allowed (max_client_conn)'
  await t.rejects(postgresEngine(t, pooler.port).open(), {
    message: 'a pooler before postgres refuses the connection; its log says why',
    isPassing: true,
  })
})
