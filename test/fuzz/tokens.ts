import fc from 'fast-check'
import { jwtVerify } from 'jose'
import { decodeBase64url, isBase64url } from '../../lib/jwt/base64url.js'
import { encode, forge, hmac, HEADER, NOW, SECRET, verify } from '../support/forge.js'
import { hold, mutated, same, search, type Search } from './search.js'

/** The text of bytes that are UTF-8. */
const utf8Text = (bytes: number[]): string | undefined => {
  try {
    return UTF8.decode(Uint8Array.from(bytes))
  } catch {
    return undefined
  }
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
const good = fc
  .record({ sub: name, email: name, exp: fc.integer({ min: NOW + 1, max: NOW + 1e6 }) })
  .map((claims) => forge(HEADER, claims))
const unit = fc.oneof(
  fc.constantFrom(...ALPHABET.split(''), '.', '=', '+', '/'),
  fc.string({ maxLength: 1 }),
)

const hostile = fc.constantFrom<unknown>(
  null,
  '',
  'x',
  'x'.repeat(255),
  'x'.repeat(256),
  '\ud800',
  '\udc00\ud800',
  '__proto__',
  NOW,
  NOW + 1,
  NOW - 1,
  0,
  -1,
  1.5,
  1e300,
  253_402_300_799,
  253_402_300_800,
  true,
  [],
  {},
  'HS256',
  'none',
  'hs256',
  'JWT',
  'jwt',
  'at+jwt',
  HEADER.kid,
  ['HS256'],
  ['exp'],
)
const json = fc.oneof({ weight: 3, arbitrary: hostile }, fc.jsonValue() as fc.Arbitrary<unknown>)
const headerName = fc.constantFrom('alg', 'typ', 'kid', 'crit', 'b64', '__proto__', 'x5u')
const claimName = fc.constantFrom(
  'sub',
  'user_id',
  'exp',
  'nbf',
  'iat',
  'jti',
  'email',
  'subscription',
  'country',
  'aud',
  'platform',
  '__proto__',
  'constructor',
  'iss',
)

// As text, so that `__proto__` is a name like any other, and one name may come twice.
const objectText = (entries: ReadonlyArray<[string, unknown]>): string =>
  `{${entries.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join()}}`

const entriesOf = (
  base: Record<string, unknown>,
  names: fc.Arbitrary<string>,
): fc.Arbitrary<Array<[string, unknown]>> =>
  fc
    .array(fc.tuple(names, json), { maxLength: 3 })
    .map((more) => [...Object.entries(base), ...more])

// The rules anew, from their statement, on what was put into the token.
const isAcceptable = (header: Map<string, unknown>, claims: Map<string, unknown>): boolean => {
  const typ = header.get('typ')
  const kid = header.get('kid')
  const isText = (value: unknown): boolean =>
    typeof value === 'string' &&
    /^[^]{1,255}$/.test(value) &&
    Buffer.from(value).toString() === value
  const isTime = (value: unknown): value is number =>
    typeof value === 'number' && value >= 0 && value % 1 === 0 && value < 253_402_300_800
  const isPast = (value: unknown): boolean => value === undefined || (isTime(value) && value <= NOW)
  const exp = claims.get('exp')
  const orText = (field: string): boolean =>
    (claims.get(field) ?? undefined) === undefined || isText(claims.get(field))
  return (
    header.get('alg') === 'HS256' &&
    !header.has('crit') &&
    !header.has('b64') &&
    (typ === undefined || (typeof typ === 'string' && typ.toUpperCase() === 'JWT')) &&
    (kid === undefined || kid === HEADER.kid) &&
    isTime(exp) &&
    exp > NOW &&
    isPast(claims.get('nbf')) &&
    isPast(claims.get('iat')) &&
    claims.get('aud') === undefined &&
    ['string', 'undefined'].includes(typeof claims.get('jti')) &&
    isText(claims.get('sub') ?? claims.get('user_id')) &&
    ['email', 'subscription', 'country', 'platform'].every(orText)
  )
}

export const searches: readonly Search[] = [
  search('token-mutated', mutated(good, unit), ['the same', 'another'], ({ original, text }) => {
    same(verify(text).ok, text === original, `of ${original} came ${text}`)
    return text === original ? 'the same' : 'another'
  }),
  search(
    'token-signed',
    fc.tuple(
      entriesOf(HEADER, headerName),
      entriesOf({ sub: 'user_ada', exp: NOW + 60 }, claimName),
    ),
    ['accepted', 'refused'],
    async ([header, claims]) => {
      const token = forge(objectText(header), objectText(claims))
      const verification = verify(token)
      const fields = new Map(claims)
      same(verification.ok, isAcceptable(new Map(header), fields), token)
      if (!verification.ok) return 'refused'
      const { payload } = await jwtVerify(token, SECRET, { currentDate: new Date(NOW * 1000) })
      same(verification.claims.userId, fields.get('sub') ?? fields.get('user_id'), 'the user')
      same(verification.claims.expSeconds, payload.exp, 'exp')
      return 'accepted'
    },
  ),
  search(
    'token-unsigned',
    fc.tuple(json, json, fc.oneof(fc.constant(''), fc.base64String(), fc.string())),
    ['refused'],
    ([header, payload, secret]) => {
      const input = `${encode(objectText(Object.entries({ ...HEADER, ...(header as object) })))}.${encode(JSON.stringify(payload))}`
      for (const signature of ['', 'A'.repeat(43), hmac(input, 'sha256', secret), encode(secret)])
        hold(!verify(`${input}.${signature}`).ok, `${input}.${signature}`)
      return 'refused'
    },
  ),
  search(
    'base64url',
    fc.oneof(
      fc.string({ unit, maxLength: 9 }),
      fc.uint8Array().map((b) => encode(Buffer.from(b).toString('latin1'))),
      fc.uint8Array().map((b) => Buffer.from(b).toString('base64url')),
    ),
    ['read', 'refused'],
    (text) => {
      const bits = Array.from(text, (c) => ALPHABET.indexOf(c).toString(2).padStart(6, '0')).join(
        '',
      )
      const rest = bits.slice(bits.length - (bits.length % 8))
      const isCanonical =
        Array.from(text).every((c) => ALPHABET.includes(c)) &&
        rest.length < 6 &&
        !rest.includes('1')
      const bytes = (bits.match(/[01]{8}/g) ?? []).map((byte) => parseInt(byte, 2))
      same(isBase64url(text), isCanonical, text)
      same(decodeBase64url(text), isCanonical ? utf8Text(bytes) : undefined, text)
      return isCanonical ? 'read' : 'refused'
    },
  ),
]
