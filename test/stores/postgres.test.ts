import { randomUUID } from 'node:crypto'
import t, { type Test } from 'tap'
import type { Engine } from '../../lib/stores/engine.js'
import { postgresEngine, postgresOperator, postgresServer } from '../support/postgres-engines.js'
import { token, user } from '../support/store-samples.js'
import { until } from '../support/until.js'
import { conform } from './conformance.js'

// One pair for the whole suite, emptied each time: a connection takes longer than most of its tests.
t.test('postgres does what every engine must', async (t) => {
  const { port } = await postgresServer(t)
  const operator = postgresOperator(t, port)
  const engines: [Engine, Engine] = [postgresEngine(t, port), postgresEngine(t, port)]
  await Promise.all(engines.map((engine) => engine.open()))
  await conform(t, async () => {
    for (const table of ['users', 'idempotency', 'revocations', 'throttle'])
      await operator.query(`truncate passport_gateway.${table}`)
    return engines
  })
})

t.test('in postgres', async (t) => {
  const { port } = await postgresServer(t)
  const operator = postgresOperator(t, port)
  const fresh = async (t: Test): Promise<Engine> => {
    await operator.query('drop schema if exists passport_gateway cascade')
    const engine = postgresEngine(t, port)
    await engine.open()
    return engine
  }

  await t.test('a text that it cannot hold leads to nobody else', async (t) => {
    const { users, idempotency, revocations } = await fresh(t)
    const texts = ['\ud800', '\ud801', '\ufffd', '\udc00a', 'a\0b', 'a', '\ufffe', '\ufffed800']
    for (const text of texts) t.equal(await users.findByEmail(text), undefined)
    for (const text of texts) t.equal(await users.insert(user(text)), true)
    for (const text of texts) t.same(await users.findByEmail(text), user(text))
    for (const text of texts) t.match(await idempotency.claim(text, text, 60_000), { claimId: /-/ })
    for (const text of texts)
      t.same(await idempotency.claim(text, '', 60_000), { heldBy: { fingerprint: text } })
    for (const text of texts) t.equal(await revocations.addToken(token(text)), true)
    const { entries } = await revocations.read(undefined, 99)
    t.same(
      entries.map((entry) => 'tokenId' in entry && entry.tokenId),
      texts,
    )
  })

  await t.test('a user is kept as revoked for as long as was ever said', async (t) => {
    const { revocations } = await fresh(t)
    for (const [said, kept] of [
      [2e9, 2e9],
      [1.9e9, 2e9],
      [2.1e9, 2.1e9],
      [Infinity, Infinity],
      [2.2e9, Infinity],
    ] as const) {
      await revocations.raiseUser('user_ada', 1, said)
      t.match((await revocations.read(undefined, 2)).entries, [{ keepUntilSeconds: kept }])
    }
  })

  await t.test('who adds waits for who adds, and sees what was added', async (t) => {
    const { revocations } = await fresh(t)
    const other = await operator.connect()
    t.teardown(() => other.release())
    const ahead = Date.now() + 100_000
    await other.query('begin')
    await other.query(`select passport_gateway.raise_user('user_ada', ${ahead}, 'Infinity')`)
    const added = revocations.addToken(token('old'))
    const raised = revocations.raiseUser('user_ada', 1, Infinity)
    await until('both wait', async () => {
      const { rows } = await operator.query(
        `select from pg_stat_activity where wait_event_type = 'Lock'`,
      )
      return rows.length === 2
    })
    t.same((await revocations.read(undefined, 9)).entries, [], 'nothing is visible before')
    await other.query('commit')
    t.equal(await added, false, 'it is as old as what was revoked meanwhile')
    t.equal(await raised, ahead + 1)
  })

  await t.test('entries added after a restored backup stand behind every position', async (t) => {
    const { revocations } = await fresh(t)
    await revocations.addToken(token('a'))
    const { position } = await revocations.read(undefined, 9)
    await operator.query('update passport_gateway.revocation_counter set seq = 0')
    await revocations.addToken(token('b'))
    t.match((await revocations.read(position, 9)).entries, [{ tokenId: 'b' }])
    const ahead = '9000000000000000'
    await operator.query(`update passport_gateway.revocation_counter set seq = ${ahead}`)
    await revocations.addToken(token('c'))
    t.equal((await revocations.read(position, 9)).position, '9000000000000001', 'a clock set back')
  })

  await t.test('idempotency keys that are over go, a few at a time', async (t) => {
    const { idempotency } = await fresh(t)
    for (let i = 0; i < 9; i++) await idempotency.claim(`old${i}`, 'f', 60_000)
    await operator.query('update passport_gateway.idempotency set expires_at_ms = 1')
    for (const left of [6, 3, 3]) {
      await idempotency.claim(randomUUID(), 'f', 60_000)
      const { rows } = await operator.query('select from passport_gateway.idempotency')
      t.equal(rows.length, left)
    }
  })

  await t.test('a full disk is said to who adds, and what is there is read', async (t) => {
    const { users, idempotency, revocations } = await fresh(t)
    await users.insert(user('ada'))
    await operator.query(`create function passport_gateway.refuse() returns trigger
      language plpgsql as $$ begin raise 'full' using errcode = '53100'; end $$`)
    for (const table of ['users', 'idempotency', 'revocations', 'throttle'])
      await operator.query(`create trigger full_disk before insert on passport_gateway.${table}
        execute function passport_gateway.refuse()`)
    const overloaded = { code: 'overloaded' }
    await t.rejects(users.insert(user('bob')), overloaded)
    await t.rejects(idempotency.claim('k', 'f', 1_000), overloaded)
    await t.rejects(revocations.addToken(token('a')), overloaded)
    await t.rejects(revocations.raiseUser('user_ada', 1, Infinity), overloaded)
    t.same(await users.findByEmail('ada'), user('ada'))
  })

  await t.test('an engine without a listener is told no news', async (t) => {
    await fresh(t)
    const engine = postgresEngine(t, port, { hasListener: false })
    engine.revocations.listen(() => t.fail('told'))
    t.equal(await engine.revocations.addToken(token('a')), true)
  })

  await t.test('of many that open at once one makes the schema, as the dry run says', async (t) => {
    await operator.query('drop schema if exists passport_gateway cascade')
    const asking = postgresEngine(t, port)
    const pending = await asking.pending()
    t.match(pending, /^begin;\nselect pg_advisory_xact_lock\(\d+\);\ncreate schema[^]*commit;\n$/)
    const engines = Array.from({ length: 8 }, () => postgresEngine(t, port))
    await Promise.all(engines.map((engine) => engine.open()))
    t.equal(await asking.pending(), '', 'nothing is left to do')
    await operator.query('drop schema passport_gateway cascade')
    await operator.query(pending)
    t.equal(await asking.pending(), '', 'a person has done it')
    await postgresEngine(t, port).open()
  })

  await t.test('a newer schema is refused', async (t) => {
    await fresh(t)
    await operator.query('update passport_gateway.schema_version set version = 3')
    const refused = {
      name: 'StoreError',
      message: 'the store has a newer schema (3) than this version knows (2)',
      isPassing: false,
    }
    await t.rejects(postgresEngine(t, port).open(), refused)
    await t.rejects(postgresEngine(t, port).pending(), refused)
  })
})
