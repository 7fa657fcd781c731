import t from 'tap'
import { createMemoryUsers } from '../../lib/stores/memory-users.js'
import { createImporter, type ImportRow } from '../../lib/users/importer.js'
import { ADA_ROW as ADA, createDirectoryScene as setUp, rowsOf } from '../support/directory.js'
import { heapBytes } from '../support/heap.js'
import { createManualClock } from '../support/manual-clock.js'
import { until } from '../support/until.js'

const { user_id: _, ...WITHOUT_ID } = ADA

t.test('whoever is there exactly as his row says is unchanged', async (t) => {
  const full = {
    ...ADA,
    subscription: 'pro',
    country: 'de',
    platform: 'ios',
    disabled: true,
    created_at: 0,
  }
  const { importFields, calls } = setUp()
  t.match(await importFields(full), { imported: 1, unchanged: 0 })
  const same = [
    full,
    ADA,
    WITHOUT_ID,
    { ...ADA, email: ' ADA@example.com' },
    { ...ADA, password_hash: ADA.password_hash.replace('$2b', '$2y') },
    { ...WITHOUT_ID, country: 'DE', disabled: true },
  ]
  t.same(await importFields(...same), {
    imported: 0,
    unchanged: same.length,
    failed: [],
    unreported: 0,
  })
  t.same(calls, ['revoke ada', 'revoke ada'], 'what broke off before it revoked does so now')
  for (const other of [
    { user_id: 'eve' },
    { email: 'eve@example.com' },
    { password_hash: ADA.password_hash.replace('aaa', 'bbb') },
    { subscription: 'free' },
    { country: 'IN' },
    { platform: 'android' },
    { disabled: false },
    { created_at: 1 },
  ])
    t.match(
      await importFields({ ...full, ...other }),
      { imported: 0, unchanged: 0, failed: [{ line: 1, detail: 'is taken' }] },
      JSON.stringify(other),
    )
})

/** An importer over a store whose first insertions wait to be let go, or fail. */
const createHeld = () => {
  const store = createMemoryUsers({ limitUsers: 10_000 })
  const inserting: string[] = []
  const held: Array<{ resolve: () => void; reject: (error: Error) => void }> = []
  const importRows = createImporter({
    users: {
      ...store,
      insert: async (user) => {
        inserting.push(user.id)
        await new Promise<void>((resolve, reject) => held.push({ resolve, reject }))
        return store.insert(user)
      },
    },
    reserve: async () => {},
    revokeUser: async () => {},
    clock: createManualClock(),
    plan: 'free',
  })
  return { store, inserting, held, importRows }
}

const line = (number: number, id: string, email = `${id}@example.com`) => ({
  line: number,
  fields: { ...ADA, user_id: id, email },
})

t.test('of two rows that cannot both be imported the earlier one is, however slow', async (t) => {
  const { importRows, inserting, held, store } = createHeld()
  const report = importRows(
    rowsOf([
      line(1, 'a', 'same@example.com'),
      line(2, 'b', 'SAME@example.com'),
      line(3, 'b'),
      line(4, 'c'),
      line(5, 'a', 'same@example.com'),
    ]),
  )
  await until('what has nothing in common is under way', () => inserting.includes('c'))
  t.same(inserting, ['a', 'c'])
  const timer = setInterval(() => held.pop()?.resolve(), 1)
  t.teardown(() => clearInterval(timer))
  t.same(await report, {
    imported: 3,
    unchanged: 1,
    failed: [{ line: 2, field: 'email', detail: 'is taken' }],
    unreported: 0,
  })
  t.match(await store.findById('b'), { email: 'b@example.com' })
})

t.test('a bounded number is under way, and no more is read', async (t) => {
  const { importRows, inserting, held } = createHeld()
  let read = 0
  const rows = async function* (): AsyncGenerator<ImportRow> {
    for await (const row of rowsOf(Array.from({ length: 200 }, (_, i) => line(i + 1, `u${i}`)))) {
      read++
      yield row
    }
  }
  const report = importRows(rows())
  await until('there is no room for more', () => inserting.length === 64)
  t.equal(read, 64)
  const timer = setInterval(() => held.pop()?.resolve(), 1)
  t.teardown(() => clearInterval(timer))
  t.match(await report, { imported: 200, failed: [] })
  t.equal(inserting.at(-1), 'u199')
})

t.test('rows that are done leave nothing behind while others come', async (t) => {
  const importRows = createImporter({
    users: { ...createMemoryUsers({ limitUsers: 1 }), insert: async () => true },
    reserve: async () => {},
    revokeUser: async () => {},
    clock: createManualClock(),
    plan: 'free',
  })
  let heldBytes = 0
  const rows = async function* (): AsyncGenerator<ImportRow> {
    for (let i = 1; i <= 65_000; i++) {
      if (i === 5_000) heldBytes = heapBytes()
      yield* rowsOf([line(i, `u${i}`)])
    }
    heldBytes = heapBytes() - heldBytes
  }
  t.match(await importRows(rows()), { imported: 65_000, failed: [] })
  t.ok(heldBytes < 8_000_000, `${heldBytes} bytes`)
})

t.test('a store that fails ends the import when the rest under way is done', async (t) => {
  const { importRows, inserting, held, store } = createHeld()
  const report = importRows(rowsOf([line(1, 'a'), line(2, 'b'), line(3, 'a'), line(4, 'b')]))
  let isEnded = false
  report.catch(() => {}).finally(() => (isEnded = true))
  await until('two are under way', () => inserting.length === 2)
  held.shift()?.reject(new Error('of the store'))
  await new Promise((resolve) => setImmediate(resolve))
  t.equal(isEnded, false)
  held.shift()?.resolve()
  await until('the second b is under way', () => held.length === 1)
  held.shift()?.resolve()
  await t.rejects(report, { message: 'of the store' })
  t.same(inserting, ['a', 'b', 'b'], 'nobody takes the place of one who failed')
  t.equal(await store.findById('a'), undefined)
})
