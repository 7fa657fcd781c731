import t from 'tap'
import { Caller, type TokenEnd } from '../../lib/auth/caller.js'
import { createSessions } from '../../lib/auth/sessions.js'
import { createDeadlines } from '../../lib/http/deadlines.js'
import { keys } from '../support/forge.js'
import { heapLeftBytes } from '../support/heap.js'
import { createManualClock, START_SECONDS } from '../support/manual-clock.js'
import { until } from '../support/until.js'

const setUp = (lifeSeconds = 10) => {
  const clock = createManualClock()
  const deadlines = createDeadlines(clock)
  const state = { setBackMs: 0, revoked: new Set<string>(), keyUntilSeconds: Infinity }
  const sessions = createSessions({
    clock: { ...clock, now: () => clock.now() - state.setBackMs },
    deadlines,
    keys: { validUntilSeconds: () => state.keyUntilSeconds },
    revocations: { isRevoked: ({ tokenId }) => state.revoked.has(tokenId) },
  })
  const caller = (tokenId: string, userId = 'user_ada') =>
    new Caller({
      token: '',
      claims: {
        userId,
        email: null,
        subscription: 'free',
        country: 'ZZ',
        platform: 'unknown',
        ownId: tokenId,
        issuedAtMs: START_SECONDS * 1000,
        expSeconds: START_SECONDS + lifeSeconds,
      },
      key: keys.current,
      keyUntilSeconds: Infinity,
      toleranceSeconds: 0,
      signer: undefined,
      watch: (caller, onEnd) => sessions.watch(caller, onEnd),
    })
  const ends: Array<[string, TokenEnd]> = []
  const watch = (tokenId: string, userId?: string): (() => void) =>
    caller(tokenId, userId).watch((end) => ends.push([tokenId, end]))
  const swept = async (): Promise<void> => {
    let isSwept = false
    deadlines.start(0, () => (isSwept = true))
    await until('a look', () => isSwept)
  }
  return { clock, deadlines, state, sessions, ends, watch, swept }
}

t.test(
  'the end of a token is judged by the clock of the wall, which may be set back',
  async (t) => {
    const { clock, deadlines, state, ends, watch, swept } = setUp()
    watch('a')
    state.setBackMs = 5_000
    clock.advance(10_000)
    await swept()
    t.same(ends, [])
    clock.advance(5_000)
    await until('it is time', () => ends.length === 1)
    t.same(ends, [['a', 'expired']])
    t.equal(deadlines.size, 0)
  },
)

t.test('a clock that is set forward is noticed within half a minute', async (t) => {
  const { clock, state, ends, watch, swept } = setUp(3_600)
  watch('a')
  state.setBackMs = -7_200_000
  clock.advance(29_000)
  await swept()
  t.same(ends, [])
  clock.advance(1_000)
  await until('a look', () => ends.length === 1)
  t.same(ends, [['a', 'expired']])
})

t.test('a watch that was stopped is over', async (t) => {
  const { clock, deadlines, sessions, state, ends, watch } = setUp()
  const stop = watch('a')
  stop()
  stop()
  t.equal(deadlines.size, 0)
  state.revoked.add('a')
  sessions.revoked({ userId: 'user_ada', tokenId: 'a' })
  sessions.keysChanged()
  clock.advance(20_000)
  t.same(ends, [])
})

t.test('a revocation ends those it concerns, at once and once', (t) => {
  const { sessions, state, ends, watch } = setUp()
  watch('a')
  watch('a')
  watch('b')
  watch('c', 'user_bob')
  state.revoked.add('a')
  sessions.revoked({ userId: 'user_ada', tokenId: 'a' })
  sessions.revoked({ userId: 'user_ada', tokenId: 'a' })
  t.same(ends, [
    ['a', 'revoked'],
    ['a', 'revoked'],
  ])
  sessions.revoked({ userId: 'user_eve', tokenId: 'e' })
  state.revoked.add('b').add('c')
  sessions.revoked({ userId: 'user_ada', issuedUntilMs: 0 })
  t.same(ends.slice(2), [['b', 'revoked']])
  t.end()
})

t.test('where all are revoked that are as old, each of them ends at once', (t) => {
  const { sessions, state, ends, watch } = setUp()
  watch('a')
  watch('b', 'user_bob')
  state.revoked.add('a').add('b')
  sessions.revoked({ allUntilMs: START_SECONDS * 1000 - 1 })
  t.same(ends, [], 'none is as old')
  sessions.revoked({ allUntilMs: START_SECONDS * 1000 })
  t.same(ends, [
    ['a', 'revoked'],
    ['b', 'revoked'],
  ])
  t.end()
})

t.test('what was revoked between a request and its answer is ended as it begins', (t) => {
  const { deadlines, state, ends, watch } = setUp()
  state.revoked.add('a')
  watch('a')()
  t.same(ends, [['a', 'revoked']])
  t.equal(deadlines.size, 0)
  t.end()
})

t.test('a key that goes, at once or at a moment, ends what it has signed', async (t) => {
  const { clock, sessions, state, ends, watch } = setUp()
  watch('a')
  watch('b', 'user_bob')
  state.keyUntilSeconds = START_SECONDS + 5
  sessions.keysChanged()
  t.same(ends, [])
  clock.advance(5_000)
  await until('it is time', () => ends.length === 2)
  t.same(
    ends.map(([, end]) => end),
    ['revoked', 'revoked'],
  )
  state.keyUntilSeconds = Infinity
  watch('c')
  state.keyUntilSeconds = 0
  sessions.keysChanged()
  t.same(ends[2], ['c', 'revoked'])
})

t.test('a user who has nothing open any more is forgotten', async (t) => {
  const { watch } = setUp()
  const leftBytes = await heapLeftBytes((number) => watch('a', `user_${number}`)())
  t.ok(leftBytes < 2_000_000, `${leftBytes} bytes`)
})
