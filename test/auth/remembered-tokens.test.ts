import { createHash } from 'node:crypto'
import t from 'tap'
import { Caller } from '../../lib/auth/caller.js'
import { createRememberedTokens, type RememberedTokens } from '../../lib/auth/remembered-tokens.js'
import { createPlainAuthenticate } from '../support/authenticate.js'
import { CLAIMS, forge, GOOD, HEADER, keys, NOW } from '../support/forge.js'

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

const meetTwice = (remembered: RememberedTokens, token: string, caller: Caller): void => {
  remembered.meet(token, caller)
  remembered.meet(token, caller)
}

/** As the end of a token is: its signature. */
const ending = (number: number): string => createHash('sha256').update(`${number}`).digest('hex')

t.test('a token that comes once is not remembered, but for a few', (t) => {
  const remembered = createRememberedTokens(100_000)
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
    const remembered = createRememberedTokens(count)
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
  const remembered = createRememberedTokens(10)
  const caller = callerUntil(NOW + 60)
  meetTwice(remembered, 'a', caller)
  t.equal(remembered.get('a', NOW + 59), caller)
  t.equal(remembered.get('a', NOW + 60), undefined)
  t.equal(remembered.get('a', NOW), undefined, 'and then it is gone')
  t.equal(remembered.get('A', NOW), undefined, 'the key is exact')
  t.end()
})

t.test('the last tokens used stay, at most twice the limit', (t) => {
  const remembered = createRememberedTokens(2)
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
  const none = createRememberedTokens(0)
  meetTwice(none, 'a', callerUntil(NOW + 60))
  t.equal(none.get('a', NOW), undefined)
  const some = createRememberedTokens(2)
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
