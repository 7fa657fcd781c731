import { randomBytes } from 'node:crypto'
import t from 'tap'
import { TOKEN_LIMIT } from '../../lib/jwt/checks.js'
import {
  CLAIMS,
  encode,
  forge,
  GOOD,
  H,
  HEADER,
  hmac,
  NOW,
  P,
  S,
  TEXT,
  verify,
} from '../support/forge.js'

const withBytes = (hex: string): string => {
  const payload = Buffer.concat([
    Buffer.from(`{"exp":${NOW + 60},"sub":"`),
    Buffer.from(hex, 'hex'),
    Buffer.from('"}'),
  ]).toString('base64url')
  return `${H}.${payload}.${hmac(`${H}.${payload}`)}`
}

// The last of 43 characters carries four bits; the two below them must be zero.
const nextInAlphabet = (character = ''): string => {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  return alphabet.charAt(alphabet.indexOf(character) + 1)
}

const ofLength = (characters: number): string => {
  for (let size = characters; ; size--) {
    const token = forge(HEADER, { ...CLAIMS, more: 'x'.repeat(Math.floor((size * 3) / 4)) })
    if (token.length <= characters) return token.padEnd(characters, 'A')
  }
}

t.test('a hostile token is refused for its reason, and no exception is thrown', (t) => {
  const withAlg = (alg: unknown): string => forge({ ...HEADER, alg }, CLAIMS)
  const withHeader = (more: object): string => forge({ ...HEADER, ...more }, CLAIMS)
  const withClaims = (more: object): string => forge(HEADER, { ...CLAIMS, ...more })
  const withPayload = (payload: unknown): string => forge(HEADER, payload)
  const raw = (text: string): string => withPayload(`{"sub":"user_ada","exp":${text}}`)
  const noneInEveryCase = Array.from({ length: 16 }, (_, bits) =>
    Array.from('none', (c, i) => (bits & (1 << i) ? c.toUpperCase() : c)).join(''),
  )
  const rows: Array<[string, string, string]> = [
    ...noneInEveryCase.flatMap((alg): Array<[string, string, string]> => [
      [`alg ${alg}, signed`, withAlg(alg), 'unsupported_algorithm'],
      [`alg ${alg}, unsigned`, `${encode({ ...HEADER, alg })}.${P}.`, 'malformed'],
    ]),
    ['alg HS384', forge({ ...HEADER, alg: 'HS384' }, CLAIMS, 'sha384'), 'unsupported_algorithm'],
    ['alg HS512', forge({ ...HEADER, alg: 'HS512' }, CLAIMS, 'sha512'), 'unsupported_algorithm'],
    ['alg RS256, our secret as key', withAlg('RS256'), 'unsupported_algorithm'],
    ['alg hs256', withAlg('hs256'), 'unsupported_algorithm'],
    ['no alg', forge({ typ: 'JWT' }, CLAIMS), 'unsupported_algorithm'],
    ['alg as array', withAlg(['HS256']), 'unsupported_algorithm'],
    ['alg as number', withAlg(256), 'unsupported_algorithm'],
    ['HS384 signature under alg HS256', forge(HEADER, CLAIMS, 'sha384'), 'bad_signature'],
    ['crit', withHeader({ crit: ['exp'], exp: NOW + 60 }), 'unsupported_header'],
    ['empty crit', withHeader({ crit: [] }), 'unsupported_header'],
    ['b64 false', withHeader({ b64: false }), 'unsupported_header'],
    ['wrong typ', withHeader({ typ: 'at+jwt' }), 'unsupported_header'],
    ['typ as number', withHeader({ typ: 1 }), 'unsupported_header'],
    ['unknown kid', withHeader({ kid: 'other' }), 'unknown_key'],
    ['kid as path', withHeader({ kid: '../../dev/null' }), 'unknown_key'],
    ['kid as object', withHeader({ kid: {} }), 'unknown_key'],
    ['kid __proto__', withHeader({ kid: '__proto__' }), 'unknown_key'],
    ['last of two alg', forge('{"alg":"HS256","alg":"none"}', CLAIMS), 'unsupported_algorithm'],
    ['header an array', forge(['HS256'], CLAIMS), 'malformed'],
    ['header null', forge(null, CLAIMS), 'malformed'],
    ['header no JSON', forge('alg', CLAIMS), 'malformed'],
    ['padded signature', `${GOOD}=`, 'malformed'],
    ['padded payload', `${H}.${P}==.${S}`, 'bad_signature'],
    ['standard alphabet', `${H}.${P}.${'+/'.repeat(21)}A`, 'malformed'],
    ['stray bits', `${H}.${P}.${S.slice(0, -1)}${nextInAlphabet(S.at(-1))}`, 'malformed'],
    ['white space before', ` ${GOOD}`, 'malformed'],
    ['white space behind', `${GOOD} `, 'malformed'],
    ['line feed inside', `${H}.${P}.\n${S}`, 'malformed'],
    ['NUL behind', `${GOOD}\0`, 'malformed'],
    ['one part', H, 'malformed'],
    ['two parts', `${H}.${P}`, 'malformed'],
    ['four parts', `${GOOD}.${S}`, 'malformed'],
    ['JWE of five parts', `${H}.${P}.${S}.${P}.${S}`, 'malformed'],
    ['nothing', '', 'malformed'],
    ['dots alone', '..', 'malformed'],
    ['empty header', `.${P}.${S}`, 'malformed'],
    ['empty payload', `${H}..${S}`, 'malformed'],
    ['empty signature', `${H}.${P}.`, 'malformed'],
    ['JSON serialization', JSON.stringify({ protected: H, payload: P, signature: S }), 'malformed'],
    [
      'another secret',
      `${H}.${P}.${hmac(`${H}.${P}`, 'sha256', randomBytes(32))}`,
      'bad_signature',
    ],
    ['empty secret', `${H}.${P}.${hmac(`${H}.${P}`, 'sha256', '')}`, 'bad_signature'],
    ['signature of one byte', `${H}.${P}.AA`, 'bad_signature'],
    ['signature of another token', `${H}.${encode({ ...CLAIMS, sub: 'x' })}.${S}`, 'bad_signature'],
    ['payload a string', withPayload('"user_ada"'), 'malformed_claims'],
    ['payload an array', withPayload([CLAIMS]), 'malformed_claims'],
    ['payload null', withPayload('null'), 'malformed_claims'],
    ['payload no JSON', withPayload('{'), 'malformed_claims'],
    ['payload with BOM', withPayload(`\ufeff${TEXT}`), 'malformed_claims'],
    ['payload no UTF-8', withBytes('ff'), 'malformed_claims'],
    ['payload overlong UTF-8', withBytes('c0af'), 'malformed_claims'],
    ['exp missing', withPayload({ sub: 'user_ada' }), 'malformed_claims'],
    ['exp null', raw('null'), 'malformed_claims'],
    ['exp a string', raw(`"${NOW + 60}"`), 'malformed_claims'],
    ['exp a float', raw(`${NOW + 60}.5`), 'malformed_claims'],
    ['exp negative', raw('-1'), 'malformed_claims'],
    ['exp huge', raw('253402300800'), 'malformed_claims'],
    ['exp beyond all numbers', raw('1e400'), 'malformed_claims'],
    ['exp "NaN"', raw('"NaN"'), 'malformed_claims'],
    ['exp an array', raw(`[${NOW + 60}]`), 'malformed_claims'],
    ['exp true', raw('true'), 'malformed_claims'],
    ['exp now', withClaims({ exp: NOW }), 'expired'],
    ['exp past by one second', withClaims({ exp: NOW - 1 }), 'expired'],
    ['last of two exp', withPayload(`${TEXT.slice(0, -1)},"exp":1}`), 'expired'],
    ['nbf in the future', withClaims({ nbf: NOW + 1 }), 'not_yet_valid'],
    ['nbf a string', withClaims({ nbf: String(NOW) }), 'malformed_claims'],
    ['iat in the future', withClaims({ iat: NOW + 1 }), 'not_yet_valid'],
    ['iat a float', withClaims({ iat: NOW - 0.5 }), 'malformed_claims'],
    ['for another audience', withClaims({ aud: 'billing' }), 'wrong_audience'],
    ['for others', withClaims({ aud: ['billing', 'mail'] }), 'wrong_audience'],
    ['for null', withClaims({ aud: null }), 'wrong_audience'],
    ['no user', withPayload({ exp: NOW + 60 }), 'malformed_claims'],
    ['user a number', withClaims({ sub: 7 }), 'malformed_claims'],
    ['user empty', withClaims({ sub: '' }), 'malformed_claims'],
    [
      'user of __proto__',
      withPayload(`{"__proto__":{"sub":"x"},"exp":${NOW + 60}}`),
      'malformed_claims',
    ],
    ['a lone surrogate', withPayload(`{"sub":"\\ud800","exp":${NOW + 60}}`), 'malformed_claims'],
    ['e-mail an object', withClaims({ email: {} }), 'malformed_claims'],
    ['country of 256 characters', withClaims({ country: 'x'.repeat(256) }), 'malformed_claims'],
    ['100 KB', withClaims({ more: 'x'.repeat(100_000) }), 'malformed'],
    ['one character over the limit', ofLength(TOKEN_LIMIT + 1), 'malformed'],
  ]
  t.same(verify(GOOD).ok, true, 'what the rows vary is good')
  for (const [what, token, reason] of rows)
    t.same(verify(token), { ok: false, reason }, `${what}: ${reason}`)
  t.end()
})
