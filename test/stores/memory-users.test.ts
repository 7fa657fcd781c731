import t from 'tap'
import { createMemoryUsers } from '../../lib/stores/memory-users.js'
import type { User } from '../../lib/users/user-store.js'
import { heapBytes, heapLeftBytes } from '../support/heap.js'

const user = (email: string, more: Partial<User> = {}): User => ({
  id: `user_${email}`,
  email,
  passwordHash: 'hash',
  subscription: 'free',
  country: 'ZZ',
  platform: 'unknown',
  isDisabled: false,
  createdAtSeconds: 0,
  ...more,
})

t.test('an e-mail is taken once, __proto__ is one like any other, and room ends', async (t) => {
  const users = createMemoryUsers({ limitUsers: 2 })
  const inserted = await Promise.all([users.insert(user('a')), users.insert(user('a'))])
  t.same(inserted, [true, false])
  t.equal(await users.findByEmail('__proto__'), undefined)
  t.equal(await users.insert(user('__proto__')), true)
  t.match(await users.findByEmail('__proto__'), { id: 'user___proto__' })
  await t.rejects(users.insert(user('b')), { code: 'overloaded' })
  t.equal(await users.insert(user('a')), false, 'taken is said also when there is no room')
  t.equal(await users.insert(user('b', { id: 'user_a' })), false, 'an id is taken once too')
})

t.test('a user is changed under his id, and found changed by both', async (t) => {
  const users = createMemoryUsers({ limitUsers: 2 })
  await users.insert(user('a'))
  t.match(await users.update('user_a', { subscription: 'pro', isDisabled: true }), {
    email: 'a',
    subscription: 'pro',
    country: 'ZZ',
    isDisabled: true,
  })
  t.match(await users.findByEmail('a'), { subscription: 'pro' })
  t.match(await users.findById('user_a'), { subscription: 'pro' })
  t.equal(await users.update('user_b', { subscription: 'pro' }), undefined)
  t.equal(await users.findById('user_b'), undefined)
})

t.test('of two changes of one password one wins', async (t) => {
  const users = createMemoryUsers({ limitUsers: 2 })
  await users.insert(user('a'))
  const changes = ['new', 'other'].map((hash) => users.changePassword('user_a', 'hash', hash))
  t.same(await Promise.all(changes), [true, false])
  t.match(await users.findByEmail('a'), { passwordHash: 'new' })
  t.equal(await users.changePassword('user_b', 'hash', 'new'), false)
})

t.test('who is removed is gone, and his e-mail is free', async (t) => {
  const users = createMemoryUsers({ limitUsers: 1 })
  await users.insert(user('a'))
  t.equal(await users.remove('user_a'), true)
  t.equal(await users.remove('user_a'), false)
  t.equal(await users.findByEmail('a'), undefined)
  t.equal(await users.insert(user('a')), true)
})

t.test('all are listed page by page, whoever comes or goes meanwhile', async (t) => {
  const users = createMemoryUsers({ limitUsers: 20 })
  for (const email of ['a', 'b', 'c', 'd', 'e']) await users.insert(user(email))
  const emails = (page: { users: User[] } | undefined) => page?.users.map(({ email }) => email)
  const first = await users.list(undefined, 2)
  t.same(emails(first), ['a', 'b'])
  await users.remove('user_b')
  await users.update('user_a', { platform: 'ios' })
  await users.insert(user('f'))
  const second = await users.list(first?.next, 2)
  t.same(emails(second), ['c', 'd'])
  const third = await users.list(second?.next, 2)
  t.same(emails(third), ['e', 'f'])
  t.equal(third?.next, undefined)
  for (const cursor of ['', 'x', '-1', '0x1', '1e3', '1'.repeat(16)])
    t.equal(await users.list(cursor, 2), undefined, cursor)
})

t.test('users are outside of the heap, and leave nothing on it when they go', async (t) => {
  const users = createMemoryUsers({ limitUsers: 20_000 })
  const before = heapBytes()
  for (let i = 0; i < 20_000; i++) await users.insert(user(`${i}@example.com`))
  const bytes = heapBytes() - before
  t.ok(bytes < 250 * 20_000, `${bytes} bytes for 20,000 users`)
  for (let i = 0; i < 20_000; i++) await users.remove(`user_${i}@example.com`)
  const leftBytes = await heapLeftBytes(async (i) => {
    await users.insert(user(`${i}@example.com`))
    await users.remove(`user_${i}@example.com`)
  })
  t.ok(leftBytes < 10 * 20_000, `${leftBytes} bytes are left of 20,000 users`)
})
