import fc from 'fast-check'
import {
  createPassportReader,
  mintPassport,
  type PassportHeaders,
} from '../../lib/passport/index.js'
import { decodePassport } from '../../lib/passport/passport-json.js'
import { hold, mutated, same, search, type Search } from './search.js'

const secret = 'a passport secret of the searches, long enough'
const NOW_SECONDS = 1_900_000_000
const read = createPassportReader({ secret, now: () => NOW_SECONDS * 1_000 })
const request = { method: 'GET', path: '/a?b' }
const NAMES = ['X-Passport', 'X-Proxy-State', 'X-Passport-Signature'] as const

const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
const unit = fc.oneof(
  fc.constantFrom(...'AQgw019+/=-_;, \n\r\0vks.'.split(''), '\xe9'),
  fc.string({ maxLength: 1 }),
)
const minted = fc.tuple(text, text, fc.boolean()).map(([user, subscription, isBound]) => ({
  isBound,
  headers: mintPassport(
    { user_id: user, subscription, issued_at: NOW_SECONDS },
    { secret, ...(isBound && { request }) },
  ),
}))
const tampered = fc
  .tuple(minted, fc.constantFrom(...NAMES))
  .chain(([mint, name]) =>
    mutated(fc.constant(mint.headers[name]), unit).map((change) => ({ ...mint, name, ...change })),
  )

const field = fc.oneof(
  fc.constantFrom<unknown>(null, '', 'a', 'valid', 'anonymous', 7, 1.5, true, [], {}, 2 ** 53),
  fc.jsonValue(),
)
const KEYS = [
  'user_id',
  'email',
  'subscription',
  'country',
  'platform',
  'token_status',
  'issued_at',
]
const GOOD = { user_id: 'a', email: null, subscription: 'b', country: 'c', platform: 'd' }
const fieldsOf = fc
  .dictionary(fc.constantFrom(...KEYS, '__proto__', 'more'), field, { maxKeys: 2 })
  .chain((some) => fc.constantFrom({ ...GOOD, token_status: 'valid', issued_at: 7, ...some }, some))

const isUser = (fields: Record<string, unknown>): boolean =>
  fields['token_status'] === 'valid' &&
  ['user_id', 'subscription', 'country', 'platform'].every(
    (key) => String(fields[key]) === fields[key] && fields[key] !== '',
  ) &&
  [null, `${fields['email'] as string}`].includes(fields['email'] as string) &&
  Number.isSafeInteger(fields['issued_at'])

export const searches: readonly Search[] = [
  search('passport-tampered', tampered, ['the same', 'refused'], (given) => {
    const { headers, isBound, name, original, text: put } = given
    const reading = read({ ...headers, [name]: put }, isBound ? request : undefined)
    same(reading.ok, put === original, `${name}: ${put} for ${original}`)
    // Not good for another request, nor without one, nor the other way round.
    hold(!read(headers, isBound ? undefined : request).ok, 'bound or not')
    hold(
      !isBound || !read(headers, { ...request, path: `${request.path}${put}x` }).ok,
      'another path',
    )
    return reading.ok ? 'the same' : 'refused'
  }),
  search(
    'passport-mixed',
    fc.tuple(minted, minted, fc.subarray([...NAMES]), fc.subarray([...NAMES])),
    ['accepted', 'refused'],
    ([one, other, taken, doubled]) => {
      const list = NAMES.flatMap((name) => {
        const from = taken.includes(name) ? other : one
        const pair = [name, from.headers[name]]
        return doubled.includes(name) ? [...pair, name.toLowerCase(), one.headers[name]] : pair
      })
      const isOf = ({ headers, isBound }: typeof one): boolean =>
        !isBound && NAMES.every((name, i) => list[2 * i + 1] === headers[name])
      const expected = doubled.length === 0 && (isOf(one) || isOf(other))
      same(read(list as PassportHeaders).ok, expected, list.join(' '))
      return expected ? 'accepted' : 'refused'
    },
  ),
  search('passport-fields', fieldsOf, ['read', 'refused'], (fields) => {
    const value = Buffer.from(JSON.stringify(fields)).toString('base64')
    const passport = decodePassport(value)
    const parsed = JSON.parse(JSON.stringify(fields)) as Record<string, unknown>
    const isNobody =
      parsed['token_status'] === 'anonymous' &&
      KEYS.slice(0, 5).every((key) => parsed[key] === null) &&
      Number.isSafeInteger(parsed['issued_at'])
    same(passport !== undefined, isUser(parsed) || isNobody, JSON.stringify(fields))
    if (!passport) return 'refused'
    same(Object.keys(passport), KEYS, 'the keys')
    return 'read'
  }),
]
