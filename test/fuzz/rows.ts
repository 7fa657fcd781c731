import fc from 'fast-check'
import { FOREIGN_SYSTEMS, isForeignSystem, turnForeignRow } from '../../bin/foreign-users.js'
import { parseIdempotencyKey } from '../../lib/auth/idempotency-key.js'
import { parseImportedUser } from '../../lib/users/imported-user.js'
import { hold, same, search, type Search } from './search.js'

const HASH = `$2b$10$${'a'.repeat(53)}`
const SECRET = 'c4n4ry'

const value = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    '',
    'a',
    'a@b.c',
    'IN',
    'free',
    true,
    false,
    0,
    1,
    -1,
    1.5,
    2 ** 53,
    1e300,
    HASH,
    HASH.replace('b$10', 'y$14'),
    HASH.replace('10', '15'),
    `${HASH}\n`,
    SECRET,
    '..',
    'import',
    '2020-01-01T00:00:00Z',
    '0000-00-00 00:00:00',
    '9999-99-99',
    'infinity',
    `bcrypt$${HASH}`,
    '!',
    `pbkdf2$${SECRET}`,
    'ß',
    '\u212Ada@b.c',
    '\ud800',
    'x'.repeat(300),
    { $oid: 'a' },
    { $date: '2020-01-01T00:00:00Z' },
    { toString: 1 },
    [],
    {},
  ),
  fc.jsonValue() as fc.Arbitrary<unknown>,
)
const FIELDS =
  `user_id email password_hash subscription country platform disabled created_at`.split(' ')
const FOREIGN = `id pk _id user_id model fields email password encrypted_password passwordHash
  created_at date_joined is_active deleted_at banned_until blocked`.split(/\s+/)

const rowOf = (names: readonly string[]): fc.Arbitrary<Record<string, unknown>> =>
  fc.dictionary(fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...names) }, fc.string()), value)

const RULES: ReadonlyArray<[string, RegExp]> = [
  ['id', /^(?!\.\.?$|(?:im|ex)port$)[\w.-]{1,64}$/],
  ['email', /^[!-?A-~]+@[a-z0-9.-]+$/],
  ['passwordHash', /^\$2[ab]\$(0[4-9]|1[0-4])\$[./0-9A-Za-z]{53}$/],
  ['subscription', /^[!-~]{1,64}$/],
  ['country', /^[A-Z]{2}$/],
  ['platform', /^[a-z0-9_-]{1,32}$/],
  ['isDisabled', /^(true|false)$/],
  ['createdAtSeconds', /^\d{1,12}$/],
]

export const searches: readonly Search[] = [
  search(
    'imported-rows',
    rowOf(FIELDS).chain((row) =>
      fc.constantFrom(row, { email: 'a@b.c', password_hash: HASH, ...row }),
    ),
    ['taken', 'refused'],
    (row) => {
      const defaults = { subscription: 'free', createdAtSeconds: 7 }
      const parsed = parseImportedUser(new Map(Object.entries(row)), defaults)
      if (!parsed.ok) {
        hold(parsed.problems.length > 0, 'no problem')
        for (const { field = '', detail } of parsed.problems)
          hold(!detail.includes(SECRET) && field.length <= 64, `${field}: ${detail}`)
        return 'refused'
      }
      const user = new Map(Object.entries(parsed.user))
      for (const [field, rule] of RULES) hold(rule.test(String(user.get(field))), field)
      for (const field of Object.keys(row)) hold(FIELDS.includes(field), `${field} was overlooked`)
      return 'taken'
    },
  ),
  search(
    'foreign-rows',
    fc.tuple(
      fc.constantFrom(...FOREIGN_SYSTEMS),
      rowOf(FOREIGN).chain((row) =>
        fc.constantFrom(row, { fields: row, pk: 1, model: 'auth.user' }),
      ),
    ),
    ['turned', 'skipped', 'refused'],
    ([system, row]) => {
      if (!isForeignSystem(system)) throw new Error(system)
      const turned = turnForeignRow(system, row as never, 0) // JSON of any kind
      if (turned.ok) {
        hold(/^[^]+$/.test(String(turned.row['user_id'])), 'an id')
        const seconds = turned.row['created_at']
        hold(seconds === undefined || Number.isFinite(seconds), 'a time')
        return 'turned'
      }
      if ('skip' in turned) return 'skipped'
      const { field, detail } = turned.problem
      hold(field !== '' && !detail.includes(SECRET), `${field}: ${detail}`)
      return 'refused'
    },
  ),
  search(
    'idempotency-key',
    fc.array(
      fc
        .array(fc.constantFrom(...'"\\a~! \t,;\x7f\xe9'.split(''), 'x'.repeat(254)), {
          maxLength: 6,
        })
        .map((parts) => parts.join('')),
      { maxLength: 2 },
    ),
    ['absent', 'read', 'refused'],
    (values) => {
      const key = parseIdempotencyKey(values.flatMap((text) => ['idempotency-KEY', text]))
      if (values.length === 0) {
        same(key, undefined, 'no key')
        return 'absent'
      }
      const [text = ''] = values
      // Character by character, as RFC 8941 Section 4.2.5 reads a string.
      let plain = ''
      let isOpen = text.startsWith('"')
      let isGood = values.length === 1
      for (let i = isOpen ? 1 : 0; i < text.length; i++) {
        if (!text.startsWith('"')) plain += text[i]
        else if (!isOpen) isGood = false
        else if (text[i] === '"') isOpen = false
        else if (text[i] !== '\\') plain += text[i]
        else if (/["\\]/.test(text[++i] ?? '')) plain += text[i]
        else isGood = false
      }
      const isKey = isGood && !isOpen && plain.length < 256 && /^[!-~]+$/.test(plain)
      same(key, isKey ? plain : null, text)
      return isKey ? 'read' : 'refused'
    },
  ),
]
