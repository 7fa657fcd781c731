import bcrypt from 'bcrypt'
import t from 'tap'
import { BCRYPT_COST, createPasswords } from '../../lib/users/passwords.js'
import { createAccounts } from '../../lib/users/accounts.js'
import { createMemoryUsers } from '../../lib/stores/memory-users.js'
import { createManualClock } from '../support/manual-clock.js'
import { cheapHasher } from '../support/gateways.js'
import { until } from '../support/until.js'

const clock = createManualClock()
const LIMITS = { limitWaiting: 10, limitWaitMs: 30_000, clock }

t.test('the cost is 10, also of the hash that is compared for nobody', async (t) => {
  let compared = ''
  const hasher = {
    hash: async (_: string, cost: number) => String(cost),
    compare: async (_: string, hash: string) => {
      compared = hash
      return true
    },
  }
  const passwords = createPasswords({ ...LIMITS, hasher })
  t.equal(await passwords.hash('a'), '10')
  t.equal(await passwords.matches('a', undefined), false, 'even if it matched')
  t.equal(bcrypt.getRounds(compared), BCRYPT_COST)
})

t.test('real hashes match their password alone', async (t) => {
  const passwords = createPasswords(LIMITS)
  const hash = await passwords.hash('correct horse')
  t.match(hash, /^\$2b\$10\$/)
  t.equal(await passwords.matches('correct horse', hash), true)
  t.equal(await passwords.matches('correct horsE', hash), false)
  t.equal(await passwords.matches('correct horse', 'malformed'), false)
})

t.test(
  'at most `concurrency` hashes run at once, in their order, and the queue is bounded',
  async (t) => {
    const running: Array<() => void> = []
    const started: string[] = []
    const hasher = {
      hash: (password: string) => {
        started.push(password)
        return new Promise<string>((resolve) => running.push(() => resolve(password)))
      },
      compare: async () => true,
    }
    const passwords = createPasswords({ ...LIMITS, limitWaiting: 2, hasher, concurrency: 2 })
    const hashes = ['a', 'b', 'c', 'd'].map((password) => passwords.hash(password))
    t.same(started, ['a', 'b'])
    await t.rejects(passwords.hash('e'), { code: 'overloaded' })
    running[0]?.()
    await until('the next one starts', () => started.length === 3)
    const fifth = passwords.hash('f')
    running[1]?.()
    for (const next of [2, 3, 4]) {
      await until('a place is free', () => running.length > next)
      running[next]?.()
    }
    t.same(await Promise.all([...hashes, fifth]), ['a', 'b', 'c', 'd', 'f'])
    t.same(started, ['a', 'b', 'c', 'd', 'f'])
  },
)

t.test('a hash that fails gives its place back', async (t) => {
  let isBroken = true
  const hasher = {
    hash: async () => {
      if (isBroken) throw new Error('out of memory')
      return 'hash'
    },
    compare: async () => true,
  }
  const passwords = createPasswords({ ...LIMITS, hasher, concurrency: 1 })
  await t.rejects(passwords.hash('a'))
  isBroken = false
  t.equal(await passwords.hash('a'), 'hash')
})

t.test('of two signups for one e-mail that hash at the same time one wins', async (t) => {
  const hasher = cheapHasher()
  const accounts = createAccounts({
    users: createMemoryUsers({ limitUsers: 10 }),
    passwords: createPasswords({ ...LIMITS, hasher }),
    clock: createManualClock(),
    againMs: 300_000,
    issueMs: async () => 0,
    reserve: async () => {},
    revokeUser: async () => {},
  })
  const account = { email: 'a@b.c', password: 'x', subscription: '', country: '', platform: '' }
  const users = await Promise.all([accounts.signUp(account), accounts.signUp(account)])
  t.equal(users.filter(Boolean).length, 1)
  t.equal(hasher.hashed, 2)
})

t.test('who waited too long for his turn is not hashed any more', async (t) => {
  const finish: Array<() => void> = []
  const hasher = {
    hash: () => new Promise<string>((resolve) => finish.push(() => resolve('hash'))),
    compare: async () => true,
  }
  const passwords = createPasswords({ ...LIMITS, hasher, concurrency: 1 })
  const first = passwords.hash('a')
  const late = passwords.hash('b')
  clock.advance(30_001)
  const fresh = passwords.hash('c')
  finish[0]?.()
  t.equal(await first, 'hash')
  await t.rejects(late, { code: 'overloaded' })
  await until('the next one starts', () => finish.length === 2)
  finish[1]?.()
  t.equal(await fresh, 'hash')
})
