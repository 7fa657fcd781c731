import t from 'tap'
import { createRevocations } from '../../lib/revocation/revocations.js'
import { createMemoryRevocations } from '../../lib/stores/memory-revocations.js'
import { createAccounts } from '../../lib/users/accounts.js'
import { createDirectory } from '../../lib/users/directory.js'
import { ADA_ROW, createDirectoryScene } from '../support/directory.js'
import { createManualClock } from '../support/manual-clock.js'
import { HASH } from '../support/operator.js'

t.test('who is disabled has his tokens revoked, after the store knows it', async (t) => {
  const { directory, calls, importFields } = createDirectoryScene()
  await importFields(ADA_ROW)
  t.match(await directory.change('ada', { isDisabled: true, country: 'IN' }), {
    isDisabled: true,
    country: 'IN',
  })
  t.same(calls.splice(0), ['update', 'revoke ada'])
  await directory.change('ada', { isDisabled: true })
  t.same(calls.splice(0), ['update', 'revoke ada'], 'and once more, should it have failed before')
  t.match(await directory.change('ada', { isDisabled: false }), { isDisabled: false })
  await directory.change('ada', { subscription: 'pro' })
  t.same(calls.splice(0), ['update', 'update'], 'nothing else revokes')
  t.equal(await directory.change('bob', { isDisabled: true }), undefined)
  t.same(calls, ['update'])
})

t.test('who is removed has his tokens revoked, before and after', async (t) => {
  const { directory, calls, state, importFields } = createDirectoryScene()
  await importFields(ADA_ROW)
  state.hasRoom = false
  await t.rejects(directory.remove('ada'), { code: 'overloaded' })
  t.match(await directory.findById('ada'), { isDisabled: true }, 'he can be removed again')
  state.hasRoom = true
  calls.splice(0)
  t.equal(await directory.remove('ada'), true)
  t.same(calls.splice(0), ['update', 'revoke ada', 'remove', 'revoke ada'])
  t.equal(await directory.findById('ada'), undefined)
  t.equal(await directory.remove('ada'), false)
  t.same(calls, ['update'])
})

t.test('a user is found by his id, and by his e-mail however it is spelt', async (t) => {
  const { directory, importFields } = createDirectoryScene()
  await importFields(ADA_ROW)
  t.match(await directory.findById('ada'), { id: 'ada' })
  t.match(await directory.findByEmail(' ADA@Example.com '), { id: 'ada' })
  t.equal(await directory.findByEmail('ada'), undefined)
  t.equal(await directory.findByEmail('bob@example.com'), undefined)
})

t.test('users are listed page by page', async (t) => {
  const { directory, importFields } = createDirectoryScene()
  await importFields(
    ...['a', 'b', 'c'].map((id) => ({ ...ADA_ROW, user_id: id, email: `${id}@example.com` })),
  )
  const first = await directory.list(undefined, 2)
  const second = await directory.list(first?.next, 2)
  t.same(
    [first, second].map((page) => page?.users.map(({ id }) => id)),
    [['a', 'b'], ['c']],
  )
  t.equal(second?.next, undefined)
})

t.test(
  'who is disabled between the look of a login and its answer has no live token',
  async (t) => {
    const { store, importFields } = createDirectoryScene()
    await importFields(ADA_ROW)
    const clock = createManualClock()
    const revocationStore = createMemoryRevocations({
      clock,
      limitEntries: 10,
      ownLifeSeconds: 86_400,
    })
    const revocations = createRevocations({
      store: revocationStore,
      clock,
      toleranceSeconds: 0,
      longestLifeSeconds: undefined,
    })
    const revokeUser = (id: string): Promise<void> => revocations.revokeUser(id)
    const directory = createDirectory({
      users: store,
      reserve: async () => {},
      revokeUser,
      clock,
      plan: 'free',
    })
    const accounts = createAccounts({
      users: {
        ...store,
        findById: async (id) => {
          const user = await store.findById(id)
          await directory.change(id, { isDisabled: true })
          return user
        },
      },
      passwords: { hash: async () => HASH, matches: async () => true, isOutdated: () => false },
      clock,
      againMs: 300_000,
      issueMs: (id) => revocations.issueMs(id),
      reserve: async () => {},
      revokeUser,
    })
    const gone = new AbortController().signal
    const standing = await accounts.logIn(ADA_ROW.email, 'whatever', gone)
    t.match(standing, { user: { id: 'ada', isDisabled: false }, issuedAtMs: Number })
    const token = {
      tokenId: 'a',
      userId: 'ada',
      issuedAtMs: standing?.issuedAtMs ?? 0,
      expSeconds: Infinity,
    }
    t.equal(revocations.isRevoked(token), true)
    t.equal(await accounts.logIn(ADA_ROW.email, 'whatever', gone), undefined)
  },
)

t.test(
  'who is imported as disabled is not added where his tokens could not be revoked',
  async (t) => {
    const { directory, state, importFields, calls } = createDirectoryScene()
    state.hasRoom = false
    const disabled = { ...ADA_ROW, disabled: true }
    const report = await importFields(disabled, { ...ADA_ROW, user_id: 'bob', email: 'bob@b.c' })
    t.match(report, { imported: 1, failed: [{ line: 1, detail: /no room/ }] })
    t.equal(await directory.findById('ada'), undefined)
    state.hasRoom = true
    t.match(await importFields(disabled), { imported: 1 })
    t.same(calls, ['revoke ada'])
  },
)
