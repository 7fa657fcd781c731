import type { Test } from 'tap'
import type { Engine } from '../../lib/stores/engine.js'
import type { User } from '../../lib/users/user-store.js'
import { HOSTILE, type Open } from './conform-samples.js'

const user = (email: string, more: Partial<User> = {}): User => ({
  id: `user_${email}`,
  email,
  passwordHash: 'hash',
  subscription: 'free',
  country: 'ZZ',
  platform: 'unknown',
  isDisabled: false,
  createdAtSeconds: 1_790_000_000,
  ...more,
})

export const conformUsers = async (t: Test, open: Open): Promise<void> => {
  await t.test('of 200 inserts of one e-mail one wins', async (t) => {
    const engines = await open(t)
    const inserted = await Promise.all(
      Array.from({ length: 200 }, (_, i) =>
        (engines[i % 2] as Engine).users.insert(user('ada', { id: `user_${i}` })),
      ),
    )
    t.equal(inserted.filter(Boolean).length, 1)
    const winner = await engines[1].users.findByEmail('ada')
    t.equal(winner?.id, `user_${inserted.indexOf(true)}`)
    t.equal(
      await engines[0].users.insert(user('eve', { id: winner?.id ?? '' })),
      false,
      'an id too',
    )
    t.equal(await engines[0].users.findByEmail('eve'), undefined)
  })

  await t.test('a user comes back as he was, whatever his fields hold', async (t) => {
    const [one, other] = await open(t)
    for (const [i, text] of HOSTILE.entries()) {
      const written = user(text, {
        id: `id ${text}`,
        passwordHash: text,
        subscription: text,
        platform: text,
        isDisabled: i % 2 === 1,
        createdAtSeconds: i === 0 ? 0 : 253_402_300_799,
      })
      t.equal(await one.users.insert(written), true, text)
      t.same(await other.users.findByEmail(text), written)
      t.same(await other.users.findById(`id ${text}`), written)
    }
    t.same(
      (await other.users.list(undefined, 100))?.users.map(({ email }) => email),
      HOSTILE,
      'all of them are there still',
    )
  })

  await t.test('e-mails and ids are compared byte by byte', async (t) => {
    const [{ users }] = await open(t)
    const near = ['a', 'A', 'á', 'a\u0301', 'a ', ' a', 'ａ', '']
    for (const text of near) t.equal(await users.insert(user(text, { id: `i${text}` })), true, text)
    for (const text of near) {
      t.equal((await users.findByEmail(text))?.id, `i${text}`)
      t.equal((await users.findById(`i${text}`))?.email, text)
    }
    for (const text of ['a\0', '\0a']) {
      t.equal(await users.findByEmail(text), undefined)
      t.equal(await users.findById(`i${text}`), undefined)
    }
  })

  await t.test('a user is changed under his id, and only as far as is said', async (t) => {
    const [one, other] = await open(t)
    await one.users.insert(user('ada'))
    const changed = user('ada', { subscription: 'pro', isDisabled: true })
    const changes = { subscription: 'pro', isDisabled: true }
    t.same(await one.users.update('user_ada', changes), changed)
    t.same(await other.users.findByEmail('ada'), changed)
    t.same(await other.users.update('user_ada', {}), changed, 'nothing said, nothing changed')
    const located = { ...changed, country: 'IN', platform: 'ios', isDisabled: false }
    const back = { country: 'IN', platform: 'ios', isDisabled: false }
    t.same(await other.users.update('user_ada', back), located)
    t.equal(await one.users.update('user_eve', { subscription: 'pro' }), undefined)
    t.equal(await one.users.findById('user_eve'), undefined)
  })

  await t.test('changes of different fields at once are all kept', async (t) => {
    const [one, other] = await open(t)
    await one.users.insert(user('ada'))
    await Promise.all([
      one.users.update('user_ada', { subscription: 'pro' }),
      other.users.update('user_ada', { country: 'IN' }),
      one.users.update('user_ada', { platform: 'ios' }),
      other.users.changePassword('user_ada', 'hash', 'new'),
    ])
    const all = { subscription: 'pro', country: 'IN', platform: 'ios', passwordHash: 'new' }
    t.same(await other.users.findById('user_ada'), user('ada', all))
  })

  await t.test('of many changes of one password one wins', async (t) => {
    const engines = await open(t)
    await engines[0].users.insert(user('ada'))
    const changes = Array.from({ length: 20 }, (_, i) =>
      (engines[i % 2] as Engine).users.changePassword('user_ada', 'hash', `new ${i}`),
    )
    const won = await Promise.all(changes)
    t.equal(won.filter(Boolean).length, 1)
    const { passwordHash } = (await engines[0].users.findById('user_ada')) as User
    t.equal(passwordHash, `new ${won.indexOf(true)}`)
    t.equal(await engines[0].users.changePassword('user_eve', 'hash', 'new'), false)
  })

  await t.test('who is removed is gone, and his e-mail is free', async (t) => {
    const [one, other] = await open(t)
    await one.users.insert(user('ada'))
    const removed = await Promise.all([
      one.users.remove('user_ada'),
      other.users.remove('user_ada'),
    ])
    t.same(removed.toSorted(), [false, true])
    t.equal(await other.users.findByEmail('ada'), undefined)
    t.equal(await other.users.findById('user_ada'), undefined)
    t.same(await other.users.list(undefined, 2), { users: [], next: undefined })
    t.equal(await other.users.insert(user('ada', { id: 'another' })), true)
  })

  await t.test('all are listed page by page, whoever comes or goes meanwhile', async (t) => {
    const [one, other] = await open(t)
    const emails = (page: { users: User[] } | undefined) => page?.users.map(({ email }) => email)
    t.same(await one.users.list(undefined, 2), { users: [], next: undefined })
    for (const email of ['e', 'd', 'c', 'b', 'a']) await one.users.insert(user(email))
    const first = await other.users.list(undefined, 2)
    t.same(emails(first), ['e', 'd'])
    await one.users.remove('user_d')
    await one.users.update('user_e', { platform: 'ios' })
    await one.users.insert(user('f'))
    const second = await one.users.list(first?.next, 2)
    t.same(emails(second), ['c', 'b'])
    const third = await other.users.list(second?.next, 2)
    t.same(emails(third), ['a', 'f'])
    t.equal(third?.next, undefined)
    for (const cursor of ['', 'x', '-1', '0x1', '1e3', '1'.repeat(16), `1' OR 1=1`])
      t.equal(await one.users.list(cursor, 2), undefined, cursor)
  })
}
