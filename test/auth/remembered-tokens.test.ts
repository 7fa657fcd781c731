import { createHash } from 'node:crypto'
import t from 'tap'
import { Caller } from '../../lib/auth/caller.js'
import { createKeyRing, lastingSecret, type KeyRing } from '../../lib/jwt/key-ring.js'
import { createRememberedTokens, type RememberedTokens } from '../../lib/auth/remembered-tokens.js'
import { createPlainAuthenticate } from '../support/authenticate.js'
import {
  CLAIMS,
  encode,
  forge,
  GOOD,
  H,
  HEADER,
  hmac,
  keys,
  NOW,
  P,
  SECRET,
  type VerifyWith,
} from '../support/forge.js'

const callerUntil = (expSeconds: number): Caller =>
  new Caller({
    token: 'a',
    claims: {
      userId: 'user_ada',
      email: null,
      subscription: 'free',
      country: 'ZZ',
      platform: 'unknown',
      ownId: 'a',
      issuedAtMs: 0,
      expSeconds,
    },
    key: keys.current,
    keyUntilSeconds: Infinity,
    toleranceSeconds: 0,
    signer: undefined,
    watch: () => () => {},
  })

const meetTwice = (remembered: RememberedTokens<Caller>, token: string, caller: Caller): void => {
  remembered.meet(token, caller)
  remembered.meet(token, caller)
}

/** As the end of a token is: its signature. */
const ending = (number: number): string => createHash('sha256').update(`${number}`).digest('hex')

t.test('a token that comes once is not remembered, but for a few', (t) => {
  const remembered = createRememberedTokens<Caller>(100_000)
  const caller = callerUntil(NOW + 60)
  const COUNT = 100_000
  for (let i = 0; i < COUNT; i++) remembered.meet(ending(i), caller)
  const isKnown = (_: unknown, i: number): boolean => remembered.get(ending(i), NOW) !== undefined
  const known = Array.from({ length: COUNT }, isKnown).filter(Boolean).length
  t.ok(known < COUNT * 0.06, `${known} of ${COUNT}`)
  t.end()
})

t.test('as many as the limit, who come in turn, are all remembered when they come again', (t) => {
  for (const count of [2_000, 100_000]) {
    const remembered = createRememberedTokens<Caller>(count)
    const caller = callerUntil(NOW + 60)
    const rates = Array.from({ length: 3 }, () => {
      let known = 0
      for (let i = 0; i < count; i++) {
        if (remembered.get(ending(i), NOW)) known++
        else remembered.meet(ending(i), caller)
      }
      return known / count
    })
    t.same(rates, [0, rates[1], 1])
    t.ok((rates[1] as number) < 0.1, rates.join())
  }
  t.end()
})

t.test('a token is remembered until it expires, to the second', (t) => {
  const remembered = createRememberedTokens<Caller>(10)
  const caller = callerUntil(NOW + 60)
  meetTwice(remembered, 'a', caller)
  t.equal(remembered.get('a', NOW + 59), caller)
  t.equal(remembered.get('a', NOW + 60), undefined)
  t.equal(remembered.get('a', NOW), undefined, 'and then it is gone')
  t.equal(remembered.get('A', NOW), undefined, 'the key is exact')
  t.end()
})

t.test('the last tokens used stay, at most twice the limit', (t) => {
  const remembered = createRememberedTokens<Caller>(2)
  const caller = callerUntil(NOW + 60)
  meetTwice(remembered, 'kept', caller)
  for (let i = 0; i < 100; i++) {
    meetTwice(remembered, `token ${i}`, caller)
    t.equal(remembered.get('kept', NOW), caller)
  }
  const left = Array.from({ length: 100 }, (_, i) => remembered.get(`token ${i}`, NOW))
  t.ok(left.filter(Boolean).length < 4)
  t.end()
})

t.test('a limit of 0 remembers none, and a very long token is never remembered', (t) => {
  const none = createRememberedTokens<Caller>(0)
  meetTwice(none, 'a', callerUntil(NOW + 60))
  t.equal(none.get('a', NOW), undefined)
  const some = createRememberedTokens<Caller>(2)
  meetTwice(some, 'a'.repeat(2049), callerUntil(NOW + 60))
  t.equal(some.get('a'.repeat(2049), NOW), undefined)
  t.end()
})

t.test('a remembered token is the same caller, and refused when its time has come', (t) => {
  const authenticate = createPlainAuthenticate()
  const at = (nowSeconds: number, token = GOOD) =>
    authenticate(['authorization', `Bearer ${token}`], nowSeconds, false)
  t.ok(at(NOW).ok, 'it comes for the first time')
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

/** Who authenticates with a ring of one secret, and counts how often it is asked for its keys. */
const scene = (options: VerifyWith = {}, limitRemembered = 10) => {
  const ring = createKeyRing([lastingSecret(SECRET)])
  let count = 0
  const counting: KeyRing = Object.assign(Object.create(ring) as KeyRing, {
    candidates: (...args: Parameters<KeyRing['candidates']>) => {
      count++
      return ring.candidates(...args)
    },
  })
  const authenticate = createPlainAuthenticate({ ...options, ring: counting }, limitRemembered)
  const at = (nowSeconds: number, token: string): string => {
    const found = authenticate(['authorization', `Bearer ${token}`], nowSeconds, false)
    return found.ok ? 'good' : found.reason
  }
  return { at, ring, looks: () => count }
}

const LOUD = { alg: 'HS256' }
const FORGED = `${H}.${P}.${hmac(`${H}.${P}`, 'sha256', 'a secret of somebody else, 32 bytes')}`

t.test('a token that is refused for good is not verified a third time', (t) => {
  const options = { issuer: 'us', audience: 'here', maxAgeSeconds: 60 }
  const own = { ...CLAIMS, iss: 'us', aud: 'here' }
  const rows: Array<[string, string]> = [
    [FORGED, 'bad_signature'],
    [forge(LOUD, { ...own, sub: 5 }), 'malformed_claims'],
    [forge(LOUD, { ...own, iss: 'them' }), 'wrong_issuer'],
    [forge(LOUD, { ...own, aud: 'there' }), 'wrong_audience'],
    [forge(LOUD, { ...own, exp: NOW }), 'expired'],
    [forge(LOUD, { ...own, exp: NOW + 61 }), 'too_long_lived'],
  ]
  for (const [token, reason] of rows) {
    const { at, looks } = scene(options)
    for (let i = 0; i < 5; i++) t.equal(at(NOW + i, token), reason)
    t.equal(looks(), 2, reason)
  }
  t.end()
})

t.test('one that may become good is looked at again, and is good then', (t) => {
  const early = forge(LOUD, { ...CLAIMS, nbf: NOW + 5 })
  const { at, ring } = scene()
  const other = Buffer.from('another secret of the tests, 32 bytes')
  const { kid } = lastingSecret(other)
  const header = encode({ ...HEADER, kid })
  const rotated = `${header}.${P}.${hmac(`${header}.${P}`, 'sha256', other)}`
  const nameless = `${encode(LOUD)}.${P}.${hmac(`${encode(LOUD)}.${P}`, 'sha256', other)}`
  for (let i = 0; i < 3; i++) {
    t.equal(at(NOW, early), 'not_yet_valid')
    t.equal(at(NOW, rotated), 'unknown_key')
    t.equal(at(NOW, nameless), 'bad_signature')
  }
  t.equal(at(NOW + 5, early), 'good')
  ring.replace([lastingSecret(SECRET), lastingSecret(other)])
  t.equal(at(NOW, rotated), 'good')
  t.equal(at(NOW, nameless), 'good', 'though it was remembered as forged')
  t.end()
})

t.test('where the clock is set back, one that had expired is good again', (t) => {
  const { at } = scene()
  for (let i = 0; i < 3; i++) t.equal(at(NOW + 60, GOOD), 'expired')
  t.equal(at(NOW + 59, GOOD), 'good')
  t.equal(at(NOW + 60, GOOD), 'expired')
  t.end()
})

t.test('the signature of a remembered token makes no other one good, or refused', (t) => {
  const { at } = scene()
  const signature = GOOD.slice(-43)
  const stolen = `${H}.${encode({ ...CLAIMS, sub: 'user_bob' })}.${signature}`
  for (let i = 0; i < 3; i++) {
    t.equal(at(NOW, GOOD), 'good')
    t.equal(at(NOW, stolen), 'bad_signature')
  }
  t.end()
})

t.test('no more refused ones are remembered than there may be', (t) => {
  const { at, looks } = scene({}, 100_000)
  const forged = (i: number): string => `${H}.${P}.${hmac(`${i}`)}`
  for (let round = 0; round < 2; round++) for (let i = 0; i < 5_000; i++) at(NOW, forged(i))
  const before = looks()
  for (let i = 0; i < 5_000; i++) at(NOW, forged(i))
  t.ok(looks() - before > 2_900, `${looks() - before} were verified again`)
  t.end()
})
