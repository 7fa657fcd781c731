import fc from 'fast-check'
import t from 'tap'
import { decodePassport, NOBODY } from '../../lib/passport/passport-json.js'
import { encodeAnonymousPassport, encodePassport } from '../../lib/passport/passport.js'
import { encodeSegment } from '../../lib/passport/segment.js'

const ADA = {
  userId: 'user_ada',
  email: 'ada@example.com',
  subscription: 'free',
  country: 'IN',
  platform: 'android',
}

const encodeText = (before: string, value: unknown, after = ''): string =>
  Buffer.from(`${before}${JSON.stringify(value)}${after}`).toString('base64')

const encode = (value: unknown): string => encodeText('', value)

t.test('a passport is padded base64 of JSON with its keys in their order', (t) => {
  const header = encodePassport(ADA, 1_900_000_000)
  t.match(header, /^[A-Za-z0-9+/]+={0,2}$/)
  t.equal(
    Buffer.from(header, 'base64').toString(),
    '{"user_id":"user_ada","email":"ada@example.com","subscription":"free","country":"IN",' +
      '"platform":"android","token_status":"valid","issued_at":1900000000}',
  )
  t.end()
})

t.test('what is not a passport is not decoded', (t) => {
  const header = encodePassport(ADA, 7)
  const good = decodePassport(header)
  t.ok(good, 'what the rows vary is good')
  const rows: Array<[string, string]> = [
    ['nothing', ''],
    ['no padding', encode({ ...good, user_id: 'ab' }).replace(/=+$/, '')],
    ['bits that count for nothing', `${header.slice(0, -3)}1==`],
    ['white space', ` ${header}`],
    ['base64url', encode({ ...good, user_id: '???' }).replace('/', '_')],
    ['no base64', '{}'],
    ['no JSON', Buffer.from('{').toString('base64')],
    [
      'no UTF-8',
      Buffer.from(JSON.stringify({ ...good, email: '\xff' }), 'latin1').toString('base64'),
    ],
    ['a byte order mark', Buffer.from(`\ufeff${JSON.stringify(good)}`).toString('base64')],
    ['null', encode(null)],
    ['a number', encode(7)],
    ['an array', encode([good])],
    ['user_id missing', encode({ ...good, user_id: undefined })],
    ['user_id a number', encode({ ...good, user_id: 1 })],
    ['user_id empty', encode({ ...good, user_id: '' })],
    ['user_id of a prototype', encodeText('{"__proto__":', good, '}')],
    ['email missing', encode({ ...good, email: undefined })],
    ['email a list', encode({ ...good, email: ['ada@example.com'] })],
    ['subscription null', encode({ ...good, subscription: null })],
    ['country true', encode({ ...good, country: true })],
    ['platform an object', encode({ ...good, platform: {} })],
    ['another token_status', encode({ ...good, token_status: 'expired' })],
    ['an anonymous user', encode({ ...good, token_status: 'anonymous' })],
    ['a user of no name', encode({ ...NOBODY, token_status: 'valid', issued_at: 7 })],
    ['issued_at a string', encode({ ...good, issued_at: '7' })],
    ['issued_at a fraction', encode({ ...good, issued_at: 7.5 })],
    ['issued_at beyond all numbers', encode({ ...good, issued_at: 2 ** 53 })],
    ['issued_at missing', encode({ ...good, issued_at: undefined })],
  ]
  for (const [what, value] of rows) t.equal(decodePassport(value), undefined, what)
  t.end()
})

t.test('further fields are allowed and left out, and reach no prototype', (t) => {
  const good = decodePassport(encodePassport(ADA, 7))
  const text = JSON.stringify(good).replace('{', '{"__proto__":{"isAdmin":true},"more":[1],')
  const passport = decodePassport(Buffer.from(text).toString('base64'))
  t.same(passport, good)
  t.equal(Object.getPrototypeOf(passport), Object.prototype)
  t.notOk('isAdmin' in Object.assign({}, passport))
  t.end()
})

t.test('an anonymous passport names nobody', (t) => {
  const passport = decodePassport(encodeAnonymousPassport(7))
  t.same(passport, { ...NOBODY, issued_at: 7 })
  t.same(Object.keys(passport ?? {}), Object.keys(decodePassport(encodePassport(ADA, 7)) ?? {}))
  t.end()
})

t.test('a segment key is padded base64 of three parts that stay three', (t) => {
  t.equal(
    encodeSegment({ subscription: 'free', country: 'IN', platform: 'android' }),
    'ZnJlZTpJTjphbmRyb2lk',
  )
  const key = encodeSegment({ subscription: 'a:b', country: '100%', platform: '%3A' })
  t.equal(Buffer.from(key, 'base64').toString(), 'a%3Ab:100%25:%253A')
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.string(), (subscription, country, platform) => {
      const parts = Buffer.from(encodeSegment({ subscription, country, platform }), 'base64')
        .toString()
        .split(':')
        .map((part) => part.replaceAll('%3A', ':').replaceAll('%25', '%'))
      return JSON.stringify(parts) === JSON.stringify([subscription, country, platform])
    }),
  )
  t.end()
})
