import { createHmac, createSecretKey, randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { jwtVerify, SignJWT } from 'jose'
import t from 'tap'
import { createKeyRing, lastingSecret } from '../../lib/jwt/key-ring.js'
import { couldBeHs256, hs256, isSignedWith } from '../../lib/jwt/hs256.js'
import { signToken } from '../../lib/jwt/sign.js'
import {
  CLAIMS,
  encode,
  forge,
  GOOD,
  H,
  HEADER,
  keys,
  NOW,
  S,
  SECRET,
  verify,
} from '../support/forge.js'

t.test('the vector of RFC 7515 appendix A.1 verifies, and tampered with it does not', (t) => {
  const key = Buffer.from(
    'AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow',
    'base64url',
  )
  const input =
    'eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.' +
    'eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ'
  const signature = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'
  const ring = createKeyRing([lastingSecret(key)])
  t.equal(hs256(ring.current.key, input), signature)
  // Its signature is right, so its payload is read: it names no user.
  t.same(verify(`${input}.${signature}`, { ring }), { ok: false, reason: 'malformed_claims' })

  t.test('a signature is the HMAC of node, whatever the key and the text', (t) => {
    const key = fc.uint8Array({ minLength: 32, maxLength: 200 })
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.constant('é'.repeat(30_000)))
    fc.assert(
      fc.property(key, text, (bytes, input) => {
        const expected = createHmac('sha256', bytes).update(input).digest('base64url')
        const secret = createSecretKey(bytes)
        return (
          hs256(secret, input) === expected &&
          couldBeHs256(expected) &&
          isSignedWith(secret, input, expected) &&
          !isSignedWith(secret, `${input}.`, expected)
        )
      }),
    )
    t.end()
  })
  const tampered = [`${input.slice(0, -1)}A.${signature}`, `${input}.e${signature.slice(1)}`]
  for (const token of tampered)
    t.same(verify(token, { ring }), { ok: false, reason: 'bad_signature' })
  t.end()
})

t.test('a token of jose is accepted, and jose accepts ours', async (t) => {
  const theirs = await new SignJWT({ email: 'ada@example.com' })
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject('user_ada')
    .setExpirationTime(NOW + 60)
    .sign(SECRET)
  t.same(verify(theirs), {
    ok: true,
    claims: {
      userId: 'user_ada',
      email: 'ada@example.com',
      subscription: 'free',
      country: 'ZZ',
      platform: 'unknown',
      ownId: undefined,
      issuedAtMs: 0,
      expSeconds: NOW + 60,
    },
    key: keys.current,
  })
  const currentDate = new Date(NOW * 1000)
  const { payload } = await jwtVerify(signToken(keys, CLAIMS), SECRET, { currentDate })
  t.same(payload, CLAIMS)
})

t.test('what a token may leave out or add is accepted', (t) => {
  const userOf = (token: string, options = {}): string | undefined => {
    const verification = verify(token, options)
    return verification.ok ? verification.claims.userId : undefined
  }
  t.equal(userOf(forge({ alg: 'HS256' }, CLAIMS)), 'user_ada', 'neither kid nor typ')
  t.equal(userOf(forge({ ...HEADER, typ: 'jwt' }, CLAIMS)), 'user_ada', 'typ in lower case')
  t.equal(userOf(forge(HEADER, { user_id: 'u1', exp: NOW + 1 })), 'u1', 'user_id for sub')
  t.equal(userOf(forge('{"alg":"none","alg":"HS256"}', CLAIMS)), 'user_ada', 'the last counts')
  const foreign = { jwk: {}, jku: 'http://evil.example/', x5u: 'http://evil.example/', x5c: [] }
  t.equal(userOf(forge({ ...HEADER, ...foreign }, CLAIMS)), 'user_ada', 'foreign keys are ignored')
  const skewed = forge(HEADER, { ...CLAIMS, exp: NOW - 4, iat: NOW + 5, nbf: NOW + 5 })
  t.equal(userOf(skewed, { toleranceSeconds: 5 }), 'user_ada', 'skew within the tolerance')
  t.equal(userOf(skewed, { toleranceSeconds: 4 }), undefined, 'skew beyond it')
  const forUs = { audience: 'edge' }
  for (const aud of ['edge', ['mail', 'edge']])
    t.equal(
      userOf(forge(HEADER, { ...CLAIMS, aud }), forUs),
      'user_ada',
      'an audience that is ours',
    )
  t.equal(userOf(GOOD, forUs), undefined, 'no audience where one is required')
  t.end()
})

t.test('a payload is not read before its signature is known to be ours', (t) => {
  t.same(verify(`${H}.${encode('{')}.${S}`), { ok: false, reason: 'bad_signature' })
  t.end()
})

t.test('no text of any kind is accepted or makes the verifier throw', (t) => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: 'binary' }),
        fc
          .tuple(fc.json(), fc.json(), fc.base64String())
          .map(([h, p, s]) => `${encode(h)}.${encode(p)}.${s}`),
        fc
          .tuple(
            fc.nat(GOOD.length - 1),
            fc.string({ unit: 'grapheme', minLength: 1, maxLength: 2 }),
          )
          .map(([at, text]) => GOOD.slice(0, at) + text + GOOD.slice(at + 1)),
      ),
      (token) => token === GOOD || !verify(token).ok,
    ),
    { numRuns: 2000 },
  )
  t.end()
})

t.test('a secret of 31 bytes makes no key ring', (t) => {
  t.throws(() => createKeyRing([lastingSecret(Buffer.alloc(31))]), RangeError)
  t.doesNotThrow(() => createKeyRing([lastingSecret(Buffer.alloc(32))]))
  t.end()
})

t.test('what a key becomes lies in no memory that other buffers are part of', (t) => {
  const secret = randomBytes(32)
  hs256(createSecretKey(secret), 'input')
  const pool = Buffer.from(Buffer.from('x').buffer)
  t.ok(pool.length > 1_000)
  for (const filling of [0, 0x36, 0x5c]) {
    const { buffer } = Uint8Array.from(secret, (byte) => byte ^ filling)
    t.notOk(pool.includes(Buffer.from(buffer)), `xor ${filling}`)
  }
  t.end()
})
