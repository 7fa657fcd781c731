// Rows as these systems write them, whose hashes are of one password.
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { turnForeignRow } from '../../bin/foreign-users.js'
import { postJson, startGateway } from '../support/gateways.js'
import { ADMIN_TOKEN, operatorOf, WITH_ADMIN } from '../support/operator.js'
import { users } from '../support/users-command.js'

const PASSWORD = 'correct horse'
const JOINED_SECONDS = Date.UTC(2023, 0, 15, 10, 23, 45) / 1000

const UUID = '00000000-0000-4000-8000-00000000000'
const OID = '5f7c0000000000000000000'
const NO_PASSWORD = 'have no password there, as users of OAuth and deleted ones have none'
const HASH_RULE = /^must be a bcrypt hash/
const noId = (field: string) => ({
  field,
  detail: /^is missing, or neither text nor a whole number/,
})

interface Expectation {
  system: string
  /** Who can log in then, by e-mail, with his id. */
  welcome: Record<string, string>
  /** Who is imported and cannot. */
  disabled: string[]
  failed: object[]
  /** What is told of who is left out. */
  skipped: string[]
}

const EXPECTATIONS: Expectation[] = [
  {
    system: 'supabase',
    welcome: { 'ada@example.com': `${UUID}1`, 'bob@example.com': `${UUID}7` },
    disabled: ['banned@example.com', 'forever@example.com', 'deleted@example.com'],
    failed: [
      { line: 6, field: 'created_at', detail: /^must be a date and a time/ },
      { line: 7, detail: /^must be a JSON object/ },
      { line: 10, field: 'encrypted_password', detail: 'is required' },
    ],
    skipped: [`2 of the rows ${NO_PASSWORD}: left out, the first is line 5`],
  },
  {
    system: 'auth0',
    welcome: { 'ada@example.com': `${OID}1`, 'bob@example.com': `${OID}3` },
    disabled: ['blocked@example.com'],
    failed: [
      { line: 5, ...noId('_id') },
      { line: 6, field: 'blocked', detail: 'must be true or false' },
      { line: 7, field: 'user_id', detail: /^must have/ },
    ],
    skipped: [`1 of the rows ${NO_PASSWORD}: left out, the first is line 4`],
  },
  {
    system: 'django',
    welcome: { 'ada@example.com': '1', 'own@example.com': '11' },
    disabled: ['gone@example.com'],
    failed: [
      { line: 3, field: 'password', detail: /^is of bcrypt_sha256; only those of bcrypt/ },
      { line: 4, field: 'password', detail: /^is of pbkdf2_sha256; only/ },
      { line: 6, field: 'email', detail: 'is required' },
      { line: 8, field: 'fields', detail: 'must be an object' },
      { line: 9, field: 'is_active', detail: 'must be true or false' },
      { line: 12, field: 'password', detail: /^is no usable hash; only/ },
      { line: 13, field: 'password', detail: 'is required' },
    ],
    skipped: [
      `2 of the rows ${NO_PASSWORD}: left out, the first is line 5`,
      '1 of the rows are of another model than users: left out, the first is line 10',
    ],
  },
  {
    system: 'laravel',
    welcome: { 'ada@example.com': '1', 'bob@example.com': '01h455vb4pex5vsknk084sn02q' },
    disabled: ['deleted@example.com'],
    failed: [
      { line: 4, detail: /^must be a JSON object/ },
      { line: 5, ...noId('id') },
      { line: 6, field: 'password', detail: HASH_RULE },
      { line: 7, ...noId('id') },
    ],
    skipped: [],
  },
]

for (const { system, welcome, disabled, failed, skipped } of EXPECTATIONS)
  t.test(`users of ${system} log in with the passwords that they have`, async (t) => {
    const gateway = await startGateway(t, WITH_ADMIN)
    const { call, origin } = operatorOf(gateway)
    const env = { ADMIN_TOKEN, ADMIN_URL: origin }
    const file = fileURLToPath(new URL(`fixtures/${system}.ndjson`, import.meta.url))
    const importFile = () => users(['import', file, '--from', system], env)
    const count = Object.keys(welcome).length + disabled.length
    const { status, stdout, stderr } = await importFile()
    const report = JSON.parse(stdout) as { failed: Array<{ line: number }> }
    const left = skipped.reduce((sum, line) => sum + Number.parseInt(line), 0)
    t.match(report, { imported: count, unchanged: 0, skipped: left, failed, unreported: 0 })
    t.equal(report.failed.length, failed.length)
    t.equal(status, 1)
    t.equal(
      stderr,
      [
        ...skipped,
        `${new Set(report.failed.map(({ line }) => line)).size} of the rows were not imported; see failed`,
      ]
        .map((line) => `passport-gateway: users: ${line}\n`)
        .join(''),
    )
    t.notMatch(stdout + stderr, /\$2[aby]\$04/)
    t.match(JSON.parse((await importFile()).stdout), { imported: 0, unchanged: count, failed })

    const logIn = async (email: string, password: string): Promise<number> =>
      (await postJson(`${gateway.origin}/v1/auth/login`, { email, password })).status
    for (const [email, id] of Object.entries(welcome)) {
      t.match(await (await call('GET', `/v1/users/${id}`)).json(), { email, disabled: false }, id)
      t.equal(await logIn(email, PASSWORD), 200, email)
      t.equal(await logIn(email, 'wrong horse'), 401, email)
    }
    for (const email of disabled) t.equal(await logIn(email, PASSWORD), 401, email)
    const exported = (await (await call('GET', '/v1/users/export')).json()) as {
      users: Array<{ email: string; password_hash: string }>
    }
    // Who has logged in has a hash of the gateway's own cost, with the same password.
    for (const { email, password_hash: hash } of exported.users)
      t.match(hash, welcome[email] === undefined ? /^\$2[ab]\$04/ : /^\$2b\$10/, email)
    for (const email of Object.keys(welcome)) t.equal(await logIn(email, PASSWORD), 200, email)
    const ada = await call('GET', `/v1/users/${welcome['ada@example.com']}`)
    t.match(await ada.json(), { created_at: JOINED_SECONDS })
  })

t.test('whoever has no password there is left out, and that is no failure', async (t) => {
  const gateway = await startGateway(t, WITH_ADMIN)
  const env = { ADMIN_TOKEN, ADMIN_URL: operatorOf(gateway).origin }
  const rows = Array.from({ length: 1_001 }, () => '{"id":"a","encrypted_password":null}\n')
  t.same(await users(['import', '--from=supabase'], env, rows), {
    status: 0,
    stdout: '{"imported":0,"unchanged":0,"skipped":1001,"failed":[],"unreported":0}\n',
    stderr: `passport-gateway: users: 1001 of the rows ${NO_PASSWORD}: left out, the first is line 1\n`,
  })
})

t.test('a moment is read as MySQL and MongoDB write it too', (t) => {
  const read = (system: 'auth0' | 'laravel', row: object): object => {
    const turned = turnForeignRow(system, { id: 1, user_id: '1', email: 'a', ...row }, 0)
    return 'row' in turned ? turned.row : turned
  }
  const hash = { password: '$2y$', passwordHash: '$2b$' }
  const mongo = { ...hash, created_at: { $date: '2023-01-15T10:23:45.123Z' } }
  t.match(read('auth0', mongo), { created_at: JOINED_SECONDS })
  const zero = '0000-00-00 00:00:00'
  const mysql = read('laravel', { ...hash, created_at: zero, deleted_at: `${zero}.000000` })
  t.match(mysql, { created_at: undefined, disabled: false, email: 'a' })
  for (const strange of [{}, { toString: 1 }, { $date: { toString: null } }])
    t.match(read('auth0', { ...hash, created_at: strange }), { ok: false })
  t.end()
})

t.test('what nobody foresaw is not taken for a fault of the row', async (t) => {
  const row = {
    password: '$2y$',
    get id(): never {
      throw new Error('unforeseen')
    },
  }
  t.throws(() => turnForeignRow('laravel', row, 0), { message: 'unforeseen' })
})

t.test('what is a hash, or a password, without the name of its kind is not repeated', (t) => {
  for (const password of ['5f4dcc3b5aa765d61d8327deb882cf99', 'hunter2']) {
    const row = { pk: 1, model: 'auth.user', fields: { password } }
    const turned = turnForeignRow('django', row, 0)
    t.match(turned, { problem: { field: 'password', detail: /^is no usable hash; only/ } })
    t.notMatch(JSON.stringify(turned), password)
  }
  t.end()
})
