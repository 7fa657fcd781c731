import t from 'tap'
import {
  createPassportReader,
  mintPassport,
  readPassport,
  type PassportHeaders,
  type PassportReaderOptions,
  type PassportSecret,
} from '../../lib/passport/index.js'

const secret = 'a passport secret of the tests, long enough'
const OTHER = 'another secret of the tests, long enough too'
const NOW_SECONDS = 1_900_000_000
const GOOD = mintPassport({ user_id: 'user_ada', issued_at: NOW_SECONDS }, { secret })

const outcome = (
  headers: PassportHeaders,
  options: Parameters<typeof readPassport<'refuse'>>[1],
): string => {
  const reading = readPassport(headers, { now: () => NOW_SECONDS * 1000, ...options })
  return reading.ok ? reading.passport.user_id : reading.reason
}

t.test('of a ring, each secret verifies what it is for, until its time is over', (t) => {
  const ring = (...secrets: PassportSecret[]): { secrets: PassportSecret[] } => ({ secrets })
  const second = (seconds: number): string => new Date((NOW_SECONDS + seconds) * 1000).toISOString()
  const rows: Array<[string, { secrets: PassportSecret[] }, string]> = [
    ['its kid', ring({ kid: 'test', secret }), 'user_ada'],
    ['another kid', ring({ kid: 'tests', secret }), 'unknown_key'],
    ['no kid', ring({ secret }), 'user_ada'],
    ['the second', ring({ secret: OTHER }, { secret }), 'user_ada'],
    [
      'the second of one kid',
      ring({ kid: 'test', secret: OTHER }, { kid: 'test', secret }),
      'user_ada',
    ],
    ['the wrong one', ring({ kid: 'test', secret: OTHER }, { kid: 'b', secret }), 'bad_signature'],
    ['still good', ring({ secret, notAfter: second(1) }), 'user_ada'],
    ['over', ring({ secret, notAfter: second(0) }), 'unknown_key'],
    ['one over', ring({ secret, notAfter: second(-9) }, { secret: OTHER }), 'bad_signature'],
    ['an offset', ring({ secret, notAfter: '2030-03-17T20:46:41+03:00' }), 'user_ada'],
  ]
  for (const [what, options, expected] of rows) t.equal(outcome(GOOD, options), expected, what)
  t.end()
})

t.test('without a secret nothing is read: the program is told at once', (t) => {
  const rows: Array<[string, unknown]> = [
    ['nothing', {}],
    ['a variable that is not set', { secret: undefined }],
    ['null', { secret: null }],
    ['an empty text', { secret: '' }],
    ['31 bytes', { secret: 'x'.repeat(31) }],
    ['a number', { secret: 32 }],
    ['no bytes', { secret: new Uint8Array() }],
    ['an empty ring', { secrets: [] }],
    ['a ring that is not set', { secrets: undefined }],
    ['a ring of text', { secrets: secret }],
    ['a ring with a hole', { secrets: [{ secret }, { kid: 'a', secret: undefined }] }],
    ['a short one in a ring', { secrets: [{ secret }, { secret: 'short' }] }],
    ['a kid with a space', { secrets: [{ secret, kid: 'a b' }] }],
    ['an empty kid', { secrets: [{ secret, kid: '' }] }],
    ['an end that is no date', { secrets: [{ secret, notAfter: 'tomorrow' }] }],
    ['an end that is but a day', { secrets: [{ secret, notAfter: '2030-01-01' }] }],
    ['an end without a zone', { secrets: [{ secret, notAfter: '2030-01-01T00:00:00' }] }],
    ['an end in month 13', { secrets: [{ secret, notAfter: '2030-13-01T00:00:00Z' }] }],
    ['unsigned: true', { unsigned: true }],
    ['unsigned: undefined', { unsigned: undefined }],
    ['a secret, and unsigned', { secret, unsigned: 'accept' }],
    ['no secret, and unsigned', { secret: undefined, unsigned: 'accept' }],
    ['a secret and a ring', { secret, secrets: [{ secret }] }],
    ['an age that is no number', { secret, maxAgeSeconds: NaN }],
    ['a tolerance below zero', { secret, toleranceSeconds: -1 }],
    ['anonymous: true', { secret, anonymous: true }],
  ]
  for (const [what, options] of rows)
    t.throws(() => createPassportReader(options as PassportReaderOptions), RangeError, what)
  t.end()
})

t.test('unsigned passports are read where that is asked for, and no signature looked at', (t) => {
  const headers = { 'x-passport': GOOD['X-Passport'], 'x-passport-signature': 'nonsense' }
  t.equal(outcome(headers, { unsigned: 'accept' }), 'user_ada')
  t.equal(outcome({ 'x-passport': 'bnVsbA==' }, { unsigned: 'accept' }), 'malformed')
  t.end()
})
