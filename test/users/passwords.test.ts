import bcrypt from 'bcrypt'
import t from 'tap'
import { BCRYPT_COST, costOf } from '../../lib/users/bcrypt-hash.js'
import { createHashThreads } from '../../lib/users/hash-threads.js'
import { createPasswords, hashesAtOnce } from '../../lib/users/passwords.js'
import { createAccounts } from '../../lib/users/accounts.js'
import { createMemoryUsers } from '../../lib/stores/memory-users.js'
import { createManualClock } from '../support/manual-clock.js'
import { cheapHasher } from '../support/gateways.js'
import { until } from '../support/until.js'

const startTimer = () => ({ clear: () => {} })
const LIMITS = {
  limitWaiting: 10,
  limitWaitMs: 30_000,
  startTimer,
  nowMs: () => 0,
  onTurn: () => {},
}
const present = new AbortController().signal

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
  t.equal(await passwords.hash('a', present), '10')
  t.equal(await passwords.matches('a', undefined, present), false, 'even if it matched')
  t.equal(bcrypt.getRounds(compared), BCRYPT_COST)
})

t.test('what bcrypt says no to at once is no hash, and what takes its time is one', async (t) => {
  const rest = 'a'.repeat(53)
  const rows: Array<[string, number | undefined]> = [
    [`$2a$04$${rest}`, 4],
    [`$2b$10$${rest}`, 10],
    [`$2b$30$${rest}`, 30],
    [`$2b$31$${rest}`, undefined],
    [`$2b$32$${rest}`, undefined],
    [`$2b$03$${rest}`, undefined],
    [`$2y$04$${rest}`, undefined],
    [`$2x$04$${rest}`, undefined],
    [`$2$04$${rest}`, undefined],
    [`$3b$04$${rest}`, undefined],
    [`$2b$4$${rest}`, undefined],
    [`$2b$04$${rest.slice(33)}`, undefined],
    [`$2b$04$${rest}\n`, undefined],
    ['', undefined],
  ]
  for (const [hash, cost] of rows) t.equal(costOf(hash), cost, hash)
  // Twice as long for each step: of 12 it takes some hundred milliseconds.
  const timed = async (hash: string): Promise<number> => {
    const startMs = performance.now()
    await bcrypt.compare('a', hash)
    return performance.now() - startMs
  }
  const slowMs = await timed(`$2b$12$${rest}`)
  for (const hash of [`$2y$12$${rest}`, `$2b$31$${rest}`, `$2b$12$${rest.slice(33)}`])
    t.ok((await timed(hash)) < slowMs / 4, hash)
})

t.test('real hashes match their password alone', async (t) => {
  const hasher = createHashThreads()
  t.teardown(() => hasher.close())
  const passwords = createPasswords({ ...LIMITS, hasher })
  const hash = await passwords.hash('correct horse', present)
  t.match(hash, /^\$2b\$10\$/)
  t.equal(await passwords.matches('correct horse', hash, present), true)
  t.equal(await passwords.matches('correct horsE', hash, present), false)
  t.equal(await passwords.matches('correct horse', 'malformed', present), false)
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
    const hashes = ['a', 'b', 'c', 'd'].map((password) => passwords.hash(password, present))
    t.same(started, ['a', 'b'])
    await t.rejects(passwords.hash('e', present), { code: 'overloaded' })
    running[0]?.()
    await until('the next one starts', () => started.length === 3)
    const fifth = passwords.hash('f', present)
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
  await t.rejects(passwords.hash('a', present))
  isBroken = false
  t.equal(await passwords.hash('a', present), 'hash')
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
  const users = await Promise.all([
    accounts.signUp(account, present),
    accounts.signUp(account, present),
  ])
  t.equal(users.filter(Boolean).length, 1)
  t.equal(hasher.hashed, 2)
})

t.test('who has gone before he comes is not served, though there is nothing to do', async (t) => {
  const passwords = createPasswords({ ...LIMITS, hasher: cheapHasher(), concurrency: 1 })
  await t.rejects(passwords.hash('a', AbortSignal.abort()), { code: 'overloaded' })
  t.match(await passwords.hash('a', present), /^\$2b\$10\$/)
})

t.test('what hashes at once is shared out among processes', (t) => {
  for (const [processes, cores, each] of [
    [1, 1, 1],
    [1, 2, 1],
    [1, 4, 3],
    [1, 64, 3],
    [2, 8, 3],
    [4, 4, 1],
    [4, 10, 2],
    [16, 8, 1],
  ] as const)
    t.equal(hashesAtOnce(processes, cores), each, `${processes} on ${cores}`)
  t.end()
})
