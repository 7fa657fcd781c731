// Users of all kinds that an import takes, as lines of NDJSON, and whether two files hold the same ones.
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'

const BASE64 = './ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
const IDS = [
  (hex) => `user_${hex}`,
  (hex, i) => `${i}`,
  (hex) => `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}`,
  (hex, i) => `auth0.${i}_X`,
  (hex, i) => `A${i}`.padEnd(64, 'z'),
]
const EMAILS = [
  (i) => `ada.${i}@example.com`,
  (i) => `!#$%&'*+/=?^_\`{|}~-${i}@example.co.uk`,
  (i) => `${i}@x`,
  (i) => `${'l'.repeat(100)}${i}@${'d'.repeat(60)}.example`,
]
const SUBSCRIPTIONS = ['free', 'pro', 'a:b%2F', '"\\{}[]', '~'.repeat(64)]
const COUNTRIES = ['ZZ', 'IN', 'DE', 'US', 'GB', 'JP']
const PLATFORMS = ['unknown', 'android', 'ios', 'web_2', 'x'.repeat(32)]
const DATES = [0, 1, 1_700_000_000, 2_147_483_648, 253_402_300_799]

/** Row `i`; the same in every run. One of 32 is disabled. */
const rowOf = (i) => {
  const bytes = createHash('sha512').update(`row ${i}`).digest()
  const pick = (list, at) => list[bytes[at] % list.length]
  const salted = Array.from({ length: 53 }, (_, at) => BASE64[bytes[at] % 64]).join('')
  const cost = String(4 + (bytes[53] % 11)).padStart(2, '0')
  return {
    user_id: pick(IDS, 54)(bytes.toString('hex', 0, 16), i),
    email: pick(EMAILS, 55)(i),
    password_hash: `$2${pick(['a', 'b'], 56)}$${cost}$${salted}`,
    subscription: pick(SUBSCRIPTIONS, 57),
    country: pick(COUNTRIES, 58),
    platform: pick(PLATFORMS, 59),
    disabled: bytes[60] % 32 === 0,
    created_at: bytes[61] < 200 ? 1_600_000_000 + i : pick(DATES, 62),
  }
}

/** Writes `count` rows, and gives the id of one near the middle. */
export const writeUsers = (file, count) => {
  const rows = Array.from({ length: count }, (_, i) => rowOf(i))
  writeFileSync(file, rows.map((row) => `${JSON.stringify(row)}\n`).join(''))
  return rows[Math.floor(count * 0.45)].user_id
}

export const linesOf = (file) => readFileSync(file, 'utf8').split('\n').slice(0, -1)

/** Throws unless the lines of both files are the same ones, byte for byte, in whatever order. */
export const assertSame = (file, expected) => {
  const [lines, wanted] = [linesOf(file).toSorted(), linesOf(expected).toSorted()]
  const at = wanted.findIndex((line, i) => line !== lines[i])
  if (at >= 0 || lines.length !== wanted.length)
    throw new Error(
      `${file} has ${lines.length} users, not ${wanted.length}, or others: ${lines[at]} for ${wanted[at]}`,
    )
}

/** A digest of the sorted lines. */
export const digestOf = (file) =>
  createHash('sha256').update(linesOf(file).toSorted().join('\n')).digest('hex').slice(0, 16)
