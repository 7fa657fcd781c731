import t from 'tap'
import { createAuthenticate } from '../../lib/auth/authenticate.js'
import { createCaller, type Caller } from '../../lib/auth/caller.js'
import { createRememberedTokens } from '../../lib/auth/remembered-tokens.js'
import { CLAIMS, forge, GOOD, HEADER, keys, NOW, verifyOptions } from '../support/forge.js'

const callerUntil = (expSeconds: number): Caller =>
  createCaller({
    claims: {
      userId: 'user_ada',
      email: null,
      subscription: 'free',
      country: 'ZZ',
      platform: 'unknown',
      tokenId: 'a',
      issuedAtMs: 0,
      expSeconds,
    },
    key: keys.current,
    keyUntilSeconds: Infinity,
    toleranceSeconds: 0,
    signer: undefined,
    watch: () => () => {},
  })

t.test('a token is remembered until it expires, to the second', (t) => {
  const remembered = createRememberedTokens(10)
  const caller = callerUntil(NOW + 60)
  remembered.set('a', caller)
  t.equal(remembered.get('a', NOW + 59), caller)
  t.equal(remembered.get('a', NOW + 60), undefined)
  t.equal(remembered.get('a', NOW), undefined, 'and then it is gone')
  t.equal(remembered.get('A', NOW), undefined, 'the key is exact')
  t.end()
})

t.test('the last tokens used stay, at most twice the limit', (t) => {
  const remembered = createRememberedTokens(2)
  const caller = callerUntil(NOW + 60)
  remembered.set('kept', caller)
  for (let i = 0; i < 100; i++) {
    remembered.set(`token ${i}`, caller)
    t.equal(remembered.get('kept', NOW), caller)
  }
  const left = Array.from({ length: 100 }, (_, i) => remembered.get(`token ${i}`, NOW))
  t.ok(left.filter(Boolean).length < 4)
  t.end()
})

t.test('a limit of 0 remembers none, and a very long token is never remembered', (t) => {
  const none = createRememberedTokens(0)
  none.set('a', callerUntil(NOW + 60))
  t.equal(none.get('a', NOW), undefined)
  const some = createRememberedTokens(2)
  some.set('a'.repeat(2049), callerUntil(NOW + 60))
  t.equal(some.get('a'.repeat(2049), NOW), undefined)
  t.end()
})

t.test('a remembered token is the same caller, and refused when its time has come', (t) => {
  const authenticate = createAuthenticate({
    verification: verifyOptions(),
    revocations: { isRevoked: () => false, isCurrent: () => true },
    sessions: { watch: () => () => {} },
    signer: undefined,
    websocketTokens: false,
    limitRemembered: 10,
  })
  const at = (nowSeconds: number, token = GOOD) =>
    authenticate(['authorization', `Bearer ${token}`], nowSeconds, false)
  const first = at(NOW)
  const second = at(NOW + 59)
  t.ok(first.ok && second.ok && first.caller === second.caller)
  t.same(at(NOW + 60), { ok: false, reason: 'expired' })
  const tampered = `${GOOD.slice(0, -2)}${GOOD.at(-2) === 'A' ? 'B' : 'A'}${GOOD.at(-1)}`
  t.same(at(NOW, tampered), { ok: false, reason: 'bad_signature' }, 'while the good one is known')
  const other = at(NOW, forge(HEADER, { ...CLAIMS, sub: 'user_bob' }))
  t.ok(other.ok && other.caller.userId === 'user_bob')
  t.end()
})
