import { createHmac, createSecretKey, hkdfSync } from 'node:crypto'
import t from 'tap'
import { mintPassport, readPassport } from '../../lib/passport/index.js'
import { deriveSignatureKey, isKeyId, signPassport } from '../../lib/passport/signature.js'

const SECRET = 'a passport secret of the tests, long enough'
const CONTENT = { passport: 'eyJ9', segment: 'ZnJlZTpJTjphbmRyb2lk' }

const macByHand = (lines: string[]): string => {
  const key = hkdfSync('sha256', SECRET, '', 'passport-gateway passport signature v1', 32)
  return createHmac('sha256', Buffer.from(key)).update(lines.join('\n')).digest('base64url')
}

t.test('a signature is the HMAC of four lines, or of six when it is bound to a request', (t) => {
  const key = deriveSignatureKey(Buffer.from(SECRET))
  const lines = ['passport-gateway passport v1', 'k.1', CONTENT.passport, CONTENT.segment]
  t.equal(signPassport({ kid: 'k.1', key }, CONTENT), `v=1; kid=k.1; s=${macByHand(lines)}`)
  const request = { method: 'GET', path: '/orders?a=b' }
  t.equal(
    signPassport({ kid: 'k.1', key }, { ...CONTENT, request }),
    `v=1; kid=k.1; s=${macByHand([...lines, 'GET', '/orders?a=b'])}`,
  )
  t.end()
})

t.test('bytes and a key object of the same secret make the same key', (t) => {
  const ofBytes = deriveSignatureKey(new TextEncoder().encode(SECRET))
  t.ok(ofBytes.equals(deriveSignatureKey(createSecretKey(SECRET, 'utf8'))))
  t.equal(ofBytes.symmetricKeySize, 32)
  t.notOk(ofBytes.equals(createSecretKey(SECRET, 'utf8')), 'which is not the secret itself')
  t.end()
})

t.test('a secret of fewer than 32 bytes makes no key', (t) => {
  const short = Buffer.alloc(31, 'x')
  t.throws(() => deriveSignatureKey(short), RangeError)
  t.throws(() => deriveSignatureKey(createSecretKey(short)), RangeError)
  t.throws(() => deriveSignatureKey(new Uint8Array()), RangeError)
  t.ok(deriveSignatureKey(Buffer.alloc(32, 'é')))
  t.end()
})

t.test('the name of a key has 1 to 64 plain characters', (t) => {
  for (const kid of ['k', 'K-1_2.3', 'k'.repeat(64)]) t.ok(isKeyId(kid), kid)
  for (const kid of ['', 'k'.repeat(65), 'a b', 'a;b', 'a\n', 'é']) t.notOk(isKeyId(kid), kid)
  t.end()
})

t.test('what no gateway could sign is not minted', (t) => {
  const mint = (options: object) => () => mintPassport({}, { secret: SECRET, ...options })
  t.throws(mint({ kid: 'a\nb' }), RangeError)
  t.throws(mint({ secret: undefined }), RangeError)
  t.throws(mint({ request: { method: 'GET', path: '/\n' } }), RangeError)
  t.throws(mint({ request: { method: 'GET\n/', path: '/' } }), RangeError)
  t.throws(mint({ request: { method: 'GET', path: '' } }), RangeError)
  const minted = readPassport(mintPassport(undefined, { secret: SECRET }), { secret: SECRET })
  t.match(minted, { ok: true, passport: { user_id: 'user_test', token_status: 'valid' } })
  t.end()
})
