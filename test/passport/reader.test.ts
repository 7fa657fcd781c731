import fc from 'fast-check'
import t from 'tap'
import {
  createPassportReader,
  mintPassport,
  readPassport,
  type PassportHeaders,
  type PassportReaderOptions,
  type PassportRejection,
  type UserPassport,
} from '../../lib/passport/index.js'

const secret = 'a passport secret of the tests, long enough'
const OTHER = 'another secret of the tests, long enough too'
const NOW_SECONDS = 1_900_000_000
const now = (): number => NOW_SECONDS * 1000
const ADA = { user_id: 'user_ada', email: 'ada@example.com', issued_at: NOW_SECONDS }
const ANONYMOUS = { token_status: 'anonymous', issued_at: NOW_SECONDS } as const
const GOOD = mintPassport(ADA, { secret })
const BOUND = mintPassport(ADA, { secret, request: { method: 'GET', path: '/a?b=c' } })

/** The reason of a refusal, or whom the passport names. */
const outcome = (
  headers: PassportHeaders,
  options: Parameters<typeof readPassport<'accept' | 'refuse'>>[1] = { secret },
): string | null => {
  const reading = readPassport(headers, { now, ...options })
  return reading.ok ? reading.passport.user_id : reading.reason
}

const flat = (headers: Record<string, string>): string[] => Object.entries(headers).flat()

t.test('a service reads the passport that was made for it, whatever is in it', (t) => {
  const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 })
  fc.assert(
    fc.property(text, fc.option(text), text, text, text, (...[user_id, email, plan, land, app]) => {
      const fields = { user_id, email, subscription: plan, country: land, platform: app }
      const reading = readPassport(mintPassport(fields, { secret }), { secret })
      const { passport } = reading as { passport?: UserPassport }
      return JSON.stringify({ ...passport, ...fields }) === JSON.stringify(passport)
    }),
  )
  t.same(readPassport(GOOD, { secret, now }), {
    ok: true,
    passport: {
      user_id: 'user_ada',
      email: 'ada@example.com',
      subscription: 'free',
      country: 'ZZ',
      platform: 'unknown',
      token_status: 'valid',
      issued_at: NOW_SECONDS,
    },
  })
  t.end()
})

t.test('headers are read as objects in any letter case, as raw lists and of fetch', (t) => {
  t.equal(outcome(GOOD), 'user_ada')
  t.equal(outcome(['Host', 'a', ...flat(GOOD)]), 'user_ada')
  t.equal(outcome(Object.fromEntries(new Headers(GOOD))), 'user_ada', 'in lower case')
  t.equal(outcome(['a', 'X-Passport', ...flat(GOOD)]), 'user_ada', 'a value is no name')
  t.end()
})

t.test('each fault of the headers has its reason', (t) => {
  const value = GOOD['X-Passport']
  const signature = GOOD['X-Passport-Signature']
  const stranger = mintPassport(ADA, { secret: OTHER })
  const bob = mintPassport({ ...ADA, user_id: 'user_bob' }, { secret })
  const signed = (s: string): PassportHeaders => ({ ...GOOD, 'X-Passport-Signature': s })
  const broken = { user_id: 1 } as unknown as { user_id: string }
  const rows: Array<[string, PassportHeaders, PassportRejection]> = [
    ['no header', {}, 'missing'],
    ['none in a list', ['Host', 'a'], 'missing'],
    ['an undefined one', { ...GOOD, 'X-Passport': undefined }, 'missing'],
    ['an inherited one', Object.create(GOOD) as PassportHeaders, 'missing'],
    ['two lines', [...flat(GOOD), 'x-passport', value], 'duplicate'],
    ['a list', { ...GOOD, 'X-Passport': [value] }, 'duplicate'],
    ['two, joined', { ...GOOD, 'X-Passport': `${value}, ${value}` }, 'duplicate'],
    ['two letter cases', { ...GOOD, 'x-passport': value }, 'duplicate'],
    ['two segments', [...flat(GOOD), 'X-Proxy-State', GOOD['X-Proxy-State']], 'duplicate'],
    ['two signatures', [...flat(GOOD), 'X-Passport-Signature', signature], 'duplicate'],
    ['too long', { ...GOOD, 'X-Passport': 'a'.repeat(16_385) }, 'too_long'],
    ['a segment too long', { ...GOOD, 'X-Proxy-State': 'a'.repeat(16_385) }, 'too_long'],
    ['empty', { ...GOOD, 'X-Passport': '' }, 'malformed'],
    ['not ASCII', { ...GOOD, 'X-Passport': 'é' }, 'malformed'],
    ['a line break', { ...GOOD, 'X-Passport': `${value}\n` }, 'malformed'],
    ['no segment', { ...GOOD, 'X-Proxy-State': undefined }, 'missing'],
    ['no signature', { ...GOOD, 'X-Passport-Signature': undefined }, 'unsigned'],
    ['another version', signed(signature.replace('v=1', 'v=2')), 'malformed_signature'],
    ['another order', signed(signature.replace('v=1; ', '')), 'malformed_signature'],
    ['no kid', signed(signature.replace('test', '')), 'malformed_signature'],
    ['a kid too long', signed(signature.replace('test', 'k'.repeat(65))), 'malformed_signature'],
    ['padding', signed(`${signature}=`), 'malformed_signature'],
    ['cut short', signed(signature.slice(0, -1)), 'malformed_signature'],
    ['a parameter more', signed(`${signature}; a=b`), 'malformed_signature'],
    ['another kid', signed(signature.replace('test', 'tesd')), 'bad_signature'],
    ['of another secret', stranger, 'bad_signature'],
    ['of another passport', { ...GOOD, 'X-Passport': bob['X-Passport'] }, 'bad_signature'],
    ['of another segment', { ...GOOD, 'X-Proxy-State': 'YTpiOmM=' }, 'bad_signature'],
    ['signed, but no passport', mintPassport(broken, { secret }), 'malformed'],
  ]
  for (const [what, headers, reason] of rows) t.equal(outcome(headers), reason, what)
  t.end()
})

t.test('a signature whose last bits differ is another one, though they decode alike', (t) => {
  const s = GOOD['X-Passport-Signature']
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  const next = alphabet[alphabet.indexOf(s.at(-1) as string) + 1] as string
  const altered = s.slice(0, -1) + next
  t.same(Buffer.from(altered.slice(-43), 'base64url'), Buffer.from(s.slice(-43), 'base64url'))
  t.equal(outcome({ ...GOOD, 'X-Passport-Signature': altered }), 'bad_signature')
  t.end()
})

t.test('nothing in a passport is read before its signature is known to be good', (t) => {
  for (const value of ['{', 'bnVsbA==', Buffer.from('{').toString('base64')])
    t.equal(outcome({ ...GOOD, 'X-Passport': value }), 'bad_signature', value)
  const old = mintPassport({ ...ADA, issued_at: 7 }, { secret: OTHER })
  t.equal(outcome(old), 'bad_signature', 'nor its time')
  t.equal(outcome(mintPassport(ANONYMOUS, { secret: OTHER })), 'bad_signature', 'nor its status')
  const read = JSON.parse
  t.teardown(() => (JSON.parse = read))
  JSON.parse = () => t.fail('parsed')
  t.equal(outcome(mintPassport(ADA, { secret: OTHER })), 'bad_signature')
  t.end()
})

t.test('no altered character passes, and none is answered by an exception', (t) => {
  const names = Object.keys(GOOD) as Array<keyof typeof GOOD>
  const pair = (value: string, i: number): string[] => [names[i % 3] as string, value]
  fc.assert(
    fc.property(
      fc.constantFrom(...names),
      fc.nat(),
      fc.string({ minLength: 1, maxLength: 3 }),
      (name, at, text) => {
        const value = GOOD[name]
        const i = at % value.length
        const altered = value.slice(0, i) + text + value.slice(i + 1)
        return altered === value || outcome({ ...GOOD, [name]: altered }) !== 'user_ada'
      },
    ),
  )
  fc.assert(
    fc.property(fc.array(fc.string()), (values) => outcome(values.flatMap(pair)) !== 'user_ada'),
  )
  t.end()
})

t.test('a passport is good for a minute, and for a clock that is a little ahead', (t) => {
  const made = (age: number): PassportHeaders =>
    mintPassport({ ...ADA, issued_at: NOW_SECONDS - age }, { secret })
  const rows: Array<[number, Partial<PassportReaderOptions>, string]> = [
    [60, {}, 'user_ada'],
    [61, {}, 'expired'],
    [-5, {}, 'user_ada'],
    [-6, {}, 'not_yet_valid'],
    [10, { maxAgeSeconds: 10 }, 'user_ada'],
    [11, { maxAgeSeconds: 10 }, 'expired'],
    [1, { maxAgeSeconds: 0 }, 'expired'],
    [-1, { toleranceSeconds: 0 }, 'not_yet_valid'],
    [-90, { toleranceSeconds: 90 }, 'user_ada'],
  ]
  for (const [age, more, expected] of rows)
    t.equal(outcome(made(age), { secret, ...more } as { secret: string }), expected, `${age}`)
  t.equal(outcome(made(61), { unsigned: 'accept' }), 'expired', 'unsigned ones too')
  t.equal(outcome(made(0), { unsigned: 'accept', now: () => NaN }), 'expired', 'no time at all')
  t.end()
})

t.test('a bound signature is for its request alone, and an unbound one is not bound', (t) => {
  const request = { method: 'GET', path: '/a?b=c' }
  t.equal(outcome(BOUND, { secret, request }), 'user_ada')
  for (const other of [
    { ...request, method: 'POST' },
    { ...request, path: '/a' },
    { ...request, path: '/a?b=d' },
  ])
    t.equal(outcome(BOUND, { secret, request: other }), 'bad_signature', other.path)
  t.equal(outcome(BOUND, { secret }), 'bad_signature')
  t.equal(outcome(GOOD, { secret, request }), 'bad_signature')
  const shifted = { ...BOUND, 'X-Proxy-State': `${BOUND['X-Proxy-State']}\nGET\n/a?b=c` }
  t.equal(outcome(shifted, { secret }), 'malformed', 'lines cannot be moved from part to part')
  t.end()
})

t.test('to be bound to a request that is missing is a mistake of the program', (t) => {
  for (const request of [undefined, {}, { method: 'GET', path: undefined }, { path: '/' }])
    t.throws(() => outcome(BOUND, { secret, request } as { secret: string }), RangeError)
  t.end()
})

t.test('anonymous callers are refused unless they are wanted', (t) => {
  const headers = mintPassport(ANONYMOUS, { secret })
  t.equal(headers['X-Proxy-State'], Buffer.from('anonymous:ZZ:unknown').toString('base64'))
  t.equal(outcome(headers), 'anonymous')
  t.equal(outcome(headers, { secret, anonymous: 'refuse' }), 'anonymous')
  t.equal(outcome(headers, { secret, anonymous: 'accept' }), null)
  t.equal(outcome(headers, { unsigned: 'accept' }), 'anonymous')
  t.end()
})

t.test('the type of a passport says whether it may be anonymous', (t) => {
  const user = createPassportReader({ secret, now })(GOOD)
  if (user.ok) t.equal(user.passport.user_id.length, 8) // a string without further checks
  const anyone = createPassportReader({ secret, now, anonymous: 'accept' })(GOOD)
  // @ts-expect-error: `user_id` can be null
  if (anyone.ok) t.equal(anyone.passport.user_id.length, 8)
  const options: PassportReaderOptions<'accept' | 'refuse'> = { secret, now, anonymous: 'accept' }
  const either = createPassportReader(options)(GOOD)
  // @ts-expect-error: nobody knows
  if (either.ok) t.equal(either.passport.user_id.length, 8)
  // @ts-expect-error: a misspelt option
  t.equal(createPassportReader({ secret, now, maxAge: 5 })(GOOD).ok, true)
  t.end()
})
