import t from 'tap'
import { createKeyRing, kidOf, lastingSecret, type Secret } from '../../lib/jwt/key-ring.js'
import { signToken } from '../../lib/jwt/sign.js'
import { explainToken } from '../../lib/jwt/verify.js'
import {
  CLAIMS,
  encode,
  forge,
  GOOD,
  HEADER,
  hmac,
  NOW,
  verify,
  verifyOptions,
} from '../support/forge.js'

const secret = (kid: string, more: Partial<Secret> = {}): Secret => ({
  kid,
  secret: Buffer.alloc(32, kid),
  notAfterSeconds: Infinity,
  ...more,
})

const reasonOf = (token: string, options = {}): string => {
  const result = verify(token, options)
  return result.ok ? `by ${result.key.kid}` : result.reason
}

t.test('the first secret signs, and every one verifies', (t) => {
  const a = createKeyRing([secret('a')])
  const b = createKeyRing([secret('b')])
  const ring = createKeyRing([secret('b'), secret('a')])
  t.equal(reasonOf(signToken(a, CLAIMS), { ring }), 'by a')
  t.equal(reasonOf(signToken(b, CLAIMS), { ring }), 'by b')
  t.equal(reasonOf(signToken(ring, CLAIMS), { ring: b }), 'by b')
  t.end()
})

t.test('a kid selects its key alone; a token without one is tried against all', (t) => {
  const ring = createKeyRing([secret('b'), secret('a')])
  const signedByA = (header: object): string => {
    const input = `${encode(header)}.${encode(CLAIMS)}`
    return `${input}.${hmac(input, 'sha256', Buffer.alloc(32, 'a'))}`
  }
  t.equal(reasonOf(signedByA({ alg: 'HS256' }), { ring }), 'by a')
  t.equal(reasonOf(signedByA({ alg: 'HS256', kid: 'a' }), { ring }), 'by a')
  t.equal(reasonOf(signedByA({ alg: 'HS256', kid: 'b' }), { ring }), 'bad_signature')
  for (const kid of ['c', '', 'A', '__proto__', 'a\0'])
    t.equal(reasonOf(signedByA({ alg: 'HS256', kid }), { ring }), 'unknown_key', kid)
  t.end()
})

t.test('a key whose time is over verifies nothing, whether it is named or not', (t) => {
  const a = createKeyRing([secret('a')])
  const ended = (notAfterSeconds: number) => ({
    ring: createKeyRing([secret('b'), secret('a', { notAfterSeconds })]),
  })
  const named = signToken(a, CLAIMS)
  t.equal(reasonOf(named, ended(NOW + 1)), 'by a')
  t.equal(reasonOf(named, ended(NOW)), 'unknown_key')
  t.equal(
    reasonOf(GOOD, { ring: createKeyRing([secret('c', { notAfterSeconds: NOW })]) }),
    'unknown_key',
  )
  t.end()
})

t.test('a ring that is replaced knows what it holds, by name and by secret', (t) => {
  const ring = createKeyRing([secret('a'), secret('b', { notAfterSeconds: NOW })])
  const { current } = ring
  t.equal(ring.version, 0)
  t.equal(ring.validUntilSeconds(current), Infinity)
  ring.replace([secret('b'), secret('a', { notAfterSeconds: NOW + 9 })])
  t.equal(ring.version, 1)
  t.equal(ring.current.kid, 'b')
  t.equal(ring.find('a')?.kid, 'a')
  t.equal(ring.validUntilSeconds(current), NOW + 9)
  ring.replace([secret('a', { secret: Buffer.alloc(32, 'x') })])
  t.equal(ring.validUntilSeconds(current), 0, 'another secret under the same name')
  ring.replace([secret('b')])
  t.equal(ring.validUntilSeconds(current), 0)
  t.equal(ring.find('a'), undefined)
  t.end()
})

t.test('a secret names itself, and its name tells nothing of it', (t) => {
  const { kid } = lastingSecret(Buffer.alloc(32, 'a'))
  t.equal(kid, kidOf(Buffer.alloc(32, 'a')))
  t.match(kid, /^[\w-]{11}$/)
  t.not(kid, kidOf(Buffer.alloc(33, 'a')))
  t.end()
})

t.test('issuer and age are bound where they are configured', (t) => {
  const of = (claims: object): string => forge(HEADER, { ...CLAIMS, ...claims })
  const rows: Array<[string, string, object, string]> = [
    ['any issuer', of({ iss: 'x' }), {}, 'by'],
    ['ours', of({ iss: 'us' }), { issuer: 'us' }, 'by'],
    ['none', GOOD, { issuer: 'us' }, 'wrong_issuer'],
    ['another', of({ iss: 'Us' }), { issuer: 'us' }, 'wrong_issuer'],
    ['a list', of({ iss: ['us'] }), { issuer: 'us' }, 'wrong_issuer'],
    ['no bound', of({ exp: NOW + 1e9 }), {}, 'by'],
    ['as long as may be', of({}), { maxAgeSeconds: 60 }, 'by'],
    ['a second longer', of({ exp: NOW + 61 }), { maxAgeSeconds: 60 }, 'too_long_lived'],
    ['no iat', forge(HEADER, { sub: 'a', exp: NOW + 1 }), { maxAgeSeconds: 60 }, 'too_long_lived'],
    ['a number as jti', of({ jti: 5 }), {}, 'malformed_claims'],
  ]
  for (const [what, token, options, expected] of rows)
    t.match(reasonOf(token, options), expected, what)
  t.end()
})

const jtiOf = (ms: number, version = '7'): string => {
  const hex = ms.toString(16).padStart(12, '0')
  return `${hex.slice(0, 8)}-${hex.slice(8)}-${version}000-8000-000000000000`
}

t.test('an own token has its jti and its moment, any other neither', (t) => {
  const ms = NOW * 1000
  const rows: Array<[string, object, string | undefined, number]> = [
    ['own', { jti: jtiOf(ms) }, jtiOf(ms), ms],
    ['own, later', { jti: jtiOf(ms + 999) }, jtiOf(ms + 999), ms + 999],
    ['ahead of iat', { jti: jtiOf(ms + 86_399_999) }, jtiOf(ms + 86_399_999), ms + 86_399_999],
    ['too far ahead', { jti: jtiOf(ms + 86_400_000) }, undefined, ms],
    ['behind iat', { jti: jtiOf(ms - 1) }, undefined, ms],
    ['of another version', { jti: jtiOf(ms, '4') }, undefined, ms],
    ['a text', { jti: 'a' }, undefined, ms],
    ['none', {}, undefined, ms],
    ['no iat', { jti: jtiOf(ms), iat: undefined }, undefined, 0],
  ]
  for (const [what, claims, ownId, issuedAtMs] of rows) {
    const result = verify(forge(HEADER, { ...CLAIMS, ...claims }))
    t.ok(result.ok && result.claims.ownId === ownId, what)
    t.match(result, { claims: { issuedAtMs } }, what)
  }
  t.end()
})

t.test('an explanation tells each check up to the first that fails', (t) => {
  const { checks, verification, header, payload } = explainToken(GOOD, verifyOptions())
  t.equal(verification.ok, true)
  t.ok(checks.length > 8 && checks.every(({ outcome }) => outcome === 'pass'))
  t.match([header, payload], [HEADER, CLAIMS])
  const refused = explainToken(GOOD, verifyOptions({ issuer: 'us' }))
  const outcomes = refused.checks.map(({ outcome }) => outcome)
  const at = outcomes.indexOf('wrong_issuer')
  t.ok(at > 0 && outcomes.slice(0, at).every((outcome) => outcome === 'pass'))
  t.ok(outcomes.slice(at + 1).every((outcome) => outcome === undefined))
  t.same(explainToken('', verifyOptions()).header, undefined)
  t.end()
})
