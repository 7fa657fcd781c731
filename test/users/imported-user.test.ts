import t from 'tap'
import { GatewayError } from '../../lib/errors.js'
import { createMemoryUsers } from '../../lib/stores/memory-users.js'
import { createDirectory } from '../../lib/users/directory.js'
import { ADA_ROW as ADA, createDirectoryScene as setUp, rowsOf } from '../support/directory.js'
import { createManualClock, START_SECONDS } from '../support/manual-clock.js'
import { HASH } from '../support/operator.js'

t.test('a row becomes a user as it says, and the rest by default', async (t) => {
  const { directory, store, importFields } = setUp()
  const full = {
    user_id: 'auth0.123_x-Y',
    email: ' Ada@Example.COM ',
    password_hash: HASH.replace('$2b', '$2y'),
    subscription: 'enterprise:2030',
    country: 'in',
    platform: 'android',
    disabled: false,
    created_at: 1_000_000_000,
  }
  const { email, password_hash } = { ...ADA, email: 'bob@example.com' }
  t.same(await importFields(full, { email, password_hash }), {
    imported: 2,
    unchanged: 0,
    failed: [],
    unreported: 0,
  })
  t.same(await directory.findById(full.user_id), {
    id: full.user_id,
    email: 'ada@example.com',
    passwordHash: HASH,
    subscription: 'enterprise:2030',
    country: 'IN',
    platform: 'android',
    isDisabled: false,
    createdAtSeconds: 1_000_000_000,
  })
  t.match(await store.findByEmail(email), {
    id: /^user_[0-9a-f]{32}$/,
    passwordHash: HASH,
    subscription: 'basic',
    country: 'ZZ',
    platform: 'unknown',
    isDisabled: false,
    createdAtSeconds: START_SECONDS,
  })
})

t.test('who comes disabled under an id of his own has no tokens that another minted', async (t) => {
  const { calls, importFields } = setUp()
  const { user_id: _, ...without } = ADA
  await importFields(
    { ...ADA, disabled: true },
    { ...without, email: 'bob@example.com', disabled: true },
  )
  t.same(calls, ['revoke ada'])
})

t.test('the prefixes of bcrypt are taken, and costs that a login can bear', async (t) => {
  const rest = 'a'.repeat(53)
  for (const [hash, kept = hash] of [
    [`$2a$04$${rest}`],
    [`$2b$14$${rest}`],
    [`$2y$10$${rest}`, `$2b$10$${rest}`],
    [`$2b$10$./${'Z9'.repeat(25)}b`],
  ] as const) {
    const { store, importFields } = setUp()
    await importFields({ ...ADA, password_hash: hash })
    t.equal((await store.findById('ada'))?.passwordHash, kept, hash)
  }
})

const FAULTS: Array<[string, Record<string, unknown>]> = [
  ['email', { email: undefined }],
  ['email', { email: 'ada' }],
  ['email', { email: 5 }],
  ['email', { email: `${'a'.repeat(251)}@b.c` }],
  ['email', { email: 'K\u212a@b.c' }],
  ['password_hash', { password_hash: undefined }],
  ['password_hash', { password_hash: 'correct horse' }],
  ['password_hash', { password_hash: `${HASH}a` }],
  ['password_hash', { password_hash: HASH.slice(0, -1) }],
  ['password_hash', { password_hash: `${HASH}\n` }],
  ['password_hash', { password_hash: `${HASH.slice(0, -1)}+` }],
  ['password_hash', { password_hash: HASH.replace('$2b', '$2x') }],
  ['password_hash', { password_hash: HASH.replace('$2b', '$2') }],
  ['password_hash', { password_hash: HASH.replace('$04', '$03') }],
  ['password_hash', { password_hash: HASH.replace('$04', '$15') }],
  ['password_hash', { password_hash: HASH.replace('$04', '$31') }],
  ['password_hash', { password_hash: [HASH] }],
  ['user_id', { user_id: '' }],
  ['user_id', { user_id: null }],
  ['user_id', { user_id: 7 }],
  ['user_id', { user_id: 'a b' }],
  ['user_id', { user_id: 'ä' }],
  ['user_id', { user_id: 'auth0|1' }],
  ['user_id', { user_id: '..' }],
  ['user_id', { user_id: '.' }],
  ['user_id', { user_id: 'import' }],
  ['user_id', { user_id: 'export' }],
  ['user_id', { user_id: 'a'.repeat(65) }],
  ['subscription', { subscription: '' }],
  ['subscription', { subscription: null }],
  ['subscription', { subscription: 'a b' }],
  ['subscription', { subscription: 'a'.repeat(65) }],
  ['country', { country: 'XX' }],
  ['country', { country: null }],
  ['platform', { platform: 'i OS' }],
  ['disabled', { disabled: 'false' }],
  ['disabled', { disabled: 0 }],
  ...[null, '0', -1, 0.5, 253_402_300_800, 1e300].map(
    (created_at): [string, Record<string, unknown>] => ['created_at', { created_at }],
  ),
  ['password', { password: 'correct horse' }],
  ['__proto__', JSON.parse('{"__proto__": {"disabled": true}}') as Record<string, unknown>],
  ['x'.repeat(64), { ['x'.repeat(100)]: 1 }],
]

t.test('each faulty field is told with its line, and the other rows are imported', async (t) => {
  for (const [field, faults] of FAULTS) {
    const { directory, importFields } = setUp()
    const good = { ...ADA, user_id: 'good', email: 'good@example.com' }
    const faulty = JSON.parse(JSON.stringify({ ...ADA, ...faults })) as object // without undefined
    const { imported, failed } = await importFields(faulty, good)
    t.equal(imported, 1, field)
    t.match(failed, [{ line: 1, field, detail: /^(must |is )/ }], JSON.stringify(faults))
    t.equal(failed.length, 1)
    t.equal(await directory.findById('ada'), undefined)
  }
  const { importFields } = setUp()
  const { failed } = await importFields({ email: 1, disabled: 1, extra: 1 })
  t.same(
    failed.map(({ field }) => field),
    ['email', 'password_hash', 'disabled', 'extra'],
  )
})

t.test('nobody who is there is overwritten', async (t) => {
  const { directory, importFields } = setUp()
  await importFields(ADA)
  const { imported, failed } = await importFields(
    { ...ADA, user_id: 'eve', subscription: 'pro' },
    { ...ADA, email: 'eve@example.com', subscription: 'pro' },
    { ...ADA, email: 'ADA@example.com', disabled: true },
  )
  t.equal(imported, 0)
  t.same(failed, [
    { line: 1, field: 'email', detail: 'is taken' },
    { line: 2, field: 'user_id', detail: 'is taken' },
    { line: 3, field: 'email', detail: 'is taken' },
  ])
  t.match(await directory.findById('ada'), { subscription: 'basic', isDisabled: false })
})

t.test('for whom there is no room is told, and a store that fails ends the import', async (t) => {
  const { importFields } = setUp({ limitUsers: 1 })
  const bob = { ...ADA, user_id: 'bob', email: 'bob@example.com' }
  t.same(await importFields(ADA, bob), {
    imported: 1,
    unchanged: 0,
    failed: [{ line: 2, detail: 'there is no room for another user' }],
    unreported: 0,
  })
  for (const error of [new Error('of the store'), new GatewayError('internal_error')]) {
    const failing = createDirectory({
      users: { ...createMemoryUsers({ limitUsers: 1 }), insert: () => Promise.reject(error) },
      reserve: async () => {},
      revokeUser: async () => {},
      clock: createManualClock(),
      plan: 'free',
    })
    await t.rejects(failing.importUsers(rowsOf([{ line: 1, fields: ADA }])), error)
  }
})

t.test('at most a thousand failures are told, and the rows beyond are counted', async (t) => {
  const { directory } = setUp()
  const rows = Array.from({ length: 1_003 }, (_, i) => ({ line: i + 1, problem: 'is bad' }))
  const report = await directory.importUsers(
    rowsOf([...rows, { line: 2_000, fields: ADA }, { line: 2_001, fields: {} }]),
  )
  t.equal(report.imported, 1)
  t.equal(report.failed.length, 1_000)
  t.same(report.failed[999], { line: 1_000, detail: 'is bad' })
  t.equal(report.unreported, 4)
})
