// Data of each version of the schema that was ever released is there after an upgrade.
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import Database from 'libsql'
import t, { type Test } from 'tap'
import type { Engine } from '../../lib/stores/engine.js'
import { createSqliteEngine } from '../../lib/stores/sqlite.js'
import { postgresEngine, postgresOperator, postgresServer } from '../support/postgres-engines.js'

const FOLDER = join(dirname(fileURLToPath(import.meta.url)), 'released')

/** Makes a database of what an older version left, and an engine over it. */
const ENGINES: Record<string, (t: Test, sql: string) => Promise<Engine>> = {
  sqlite: async (t, sql) => {
    const file = join(t.testdir({}), 'a.db')
    const database = new Database(file)
    database.exec(sql)
    database.close()
    return createSqliteEngine({ file, timeoutMs: 10_000 })
  },
  postgres: async (t, sql) => {
    const { port } = await postgresServer(t)
    await postgresOperator(t, port).query(sql)
    return postgresEngine(t, port)
  },
}

for (const file of readdirSync(FOLDER))
  t.test(`${file}: users and revocations are there`, async (t) => {
    const engine = await ENGINES[file.split('-')[0] as string]?.(
      t,
      readFileSync(join(FOLDER, file), 'utf8'),
    )
    if (!engine) throw new Error('there is no such engine')
    t.teardown(() => engine.close())
    await engine.open()
    t.equal(await engine.pending(), '')
    t.same(await engine.users.findByEmail('ada@example.com'), {
      id: 'user_ada',
      email: 'ada@example.com',
      passwordHash: 'hash',
      subscription: 'pro',
      country: 'IN',
      platform: 'android',
      isDisabled: true,
      createdAtSeconds: 1_790_000_000,
    })
    t.match((await engine.revocations.read(undefined, 10)).entries, [
      { userId: 'user_ada', issuedUntilMs: 1_790_000_000_000, keepUntilSeconds: Infinity },
    ])
    t.equal(
      await engine.revocations.addToken({
        tokenId: 'a',
        userId: 'user_ada',
        issuedAtMs: 1,
        expSeconds: 9e9,
      }),
      false,
    )
    t.match(await engine.idempotency.claim('k', 'f', 1_000), { claimId: /-/ })
  })
