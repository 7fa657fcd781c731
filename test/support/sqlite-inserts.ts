// Inserts one e-mail 100 times at once into the SQLite file it is given; prints how often it won.
import { createSqliteEngine } from '../../lib/stores/sqlite.js'

const [file = '', name = ''] = process.argv.slice(2)
const engine = createSqliteEngine({ file, timeoutMs: 20_000 })
await engine.open()
const inserted = await Promise.all(
  Array.from({ length: 100 }, (_, i) =>
    engine.users.insert({
      id: `${name} ${i}`,
      email: 'ada',
      passwordHash: 'hash',
      subscription: 'free',
      country: 'ZZ',
      platform: 'unknown',
      isDisabled: false,
      createdAtSeconds: 0,
    }),
  ),
)
process.stdout.write(String(inserted.filter(Boolean).length))
await engine.close()
