import fc from 'fast-check'
import t from 'tap'
import { encodePassport } from '../../lib/passport/passport.js'
import { readPassport } from '../../lib/passport/reader.js'
import { encodeSegment } from '../../lib/passport/segment.js'

const ADA = {
  userId: 'user_ada',
  email: 'ada@example.com',
  subscription: 'free',
  country: 'IN',
  platform: 'android',
}

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64')

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

t.test('a service reads the passport that the gateway made', (t) => {
  const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 })
  fc.assert(
    fc.property(text, fc.option(text), text, text, text, (...[id, email, plan, land, app]) => {
      const holder = { userId: id, email, subscription: plan, country: land, platform: app }
      const header = encodePassport(holder, 7)
      const passport = readPassport(header)
      return /^[\x21-\x7e]+$/.test(header) && passport?.user_id === id && passport.email === email
    }),
  )
  t.same(readPassport(encodePassport({ ...ADA, email: null }, 7)), {
    user_id: 'user_ada',
    email: null,
    subscription: 'free',
    country: 'IN',
    platform: 'android',
    token_status: 'valid',
    issued_at: 7,
  })
  t.end()
})

t.test('what is not a passport reads as none', (t) => {
  const good = readPassport(encodePassport(ADA, 7))
  const header = encode(good)
  t.ok(readPassport(header), 'what the rows vary is good')
  const rows: Array<[string, string | string[] | undefined]> = [
    ['no header', undefined],
    ['two headers', [header, header]],
    ['two headers, joined', `${header}, ${header}`],
    ['nothing', ''],
    [
      'no padding',
      encode({ ...good, user_id: 'a' })
        .replace(/=*$/, '')
        .slice(0, -1),
    ],
    ['white space', ` ${header}`],
    ['base64url', encode({ ...good, user_id: '???' }).replace('/', '_')],
    ['no base64', '{}'],
    ['no JSON', Buffer.from('{').toString('base64')],
    ['no UTF-8', Buffer.from([0x22, 0xff, 0x22]).toString('base64')],
    ['null', encode(null)],
    ['an array', encode([good])],
    ['user_id missing', encode({ ...good, user_id: undefined })],
    ['user_id a number', encode({ ...good, user_id: 1 })],
    ['email missing', encode({ ...good, email: undefined })],
    ['another token_status', encode({ ...good, token_status: 'expired' })],
    ['issued_at a string', encode({ ...good, issued_at: '7' })],
    ['too long', encode({ ...good, user_id: 'a'.repeat(16_384) })],
  ]
  for (const [what, value] of rows) t.equal(readPassport(value), undefined, what)
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
