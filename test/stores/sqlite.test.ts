import { join } from 'node:path'
import t, { type Test } from 'tap'
import { createSqliteEngine, type SqliteEngineOptions } from '../../lib/stores/sqlite.js'
import { conform } from './conformance.js'

const engineOn = (t: Test, file: string, more: Partial<SqliteEngineOptions> = {}) => {
  const engine = createSqliteEngine({ file, timeoutMs: 10_000, pollMs: 20, ...more })
  t.teardown(() => engine.close())
  return engine
}

t.test('SQLite does what every engine does', (t) =>
  conform(t, async (t) => {
    const file = join(t.testdir({}), 'a.db')
    const engines = [engineOn(t, file), engineOn(t, file)] as const
    await Promise.all(engines.map((engine) => engine.open()))
    return [...engines]
  }),
)
