// Whatever overtakes whatever: no token passes that was revoked.
import fc from 'fast-check'
import t from 'tap'
import {
  createScheduledGateway,
  type Condition,
  type ScheduledGateway,
} from '../support/scheduled-gateway.js'

const race = async (
  run: (
    gateway: ScheduledGateway,
    settle: <T>(works: Array<Promise<T>>) => Promise<T[]>,
    condition: Condition,
  ) => Promise<void>,
): Promise<void> => {
  let runs = 0
  const conditions = fc.record({ isImported: fc.boolean(), isBusy: fc.boolean() })
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), fc.nat(2), conditions, async (scheduler, ms, condition) => {
      const gateway = await createScheduledGateway(scheduler, condition)
      const settle = async (works: Array<Promise<unknown>>): Promise<unknown[]> => {
        const all = Promise.all([...works, gateway.advance(ms)])
        await scheduler.waitFor(all)
        return (await all).slice(0, -1)
      }
      await run(gateway, settle as never, condition)
      runs++
    }),
    { numRuns: 300 },
  )
  t.ok(runs >= 300)
}

const check = (isHeld: boolean, what: string): void => {
  if (!isHeld) throw new Error(what)
}

t.test('of many refreshes of one token one succeeds, and the old token is dead', () =>
  race(async ({ start, refresh, handed, isAccepted }, settle) => {
    const token = start()
    const statuses = await settle([1, 2, 3].map(() => refresh(token)))
    check(statuses.filter((status) => status === 200).length === 1, String(statuses))
    check(
      statuses.every((status) => status === 200 || status === 401),
      String(statuses),
    )
    check(handed.filter(isAccepted).length === 1, 'one token is left')
    check(!isAccepted(token), 'the old token is dead')
  }),
)

t.test('refresh against logout: either there is no new token, or it came of a good one', () =>
  race(async ({ start, refresh, logout, handed, isAccepted }, settle) => {
    const token = start()
    const [refreshed, loggedOut] = await settle([refresh(token), logout(token)])
    check(!isAccepted(token), 'the old token is dead')
    check(loggedOut === 204 || loggedOut === 401, String(loggedOut))
    check(handed.length === (refreshed === 200 ? 2 : 1), 'a new token only with 200')
  }),
)

t.test('refresh against logout-all: nothing is left', () =>
  race(async ({ start, refresh, logoutAll, handed, isAccepted }, settle) => {
    const [one, other] = [start(), start()]
    const [, status] = await settle([refresh(one), logoutAll(other), refresh(other)])
    // Its own token may have been refreshed, and so revoked, before.
    if (status === 204) check(!handed.some(isAccepted), 'nothing is left')
  }),
)

t.test('password change against refresh and login: the new token alone is left', () =>
  race(async ({ start, refresh, changePassword, logIn, handed, isAccepted }, settle) => {
    const [one, other] = [start(), start()]
    const works: Array<Promise<unknown>> = [
      refresh(one),
      changePassword(),
      logIn('old'),
      refresh(other),
    ]
    const [, fresh] = await settle(works)
    check(typeof fresh === 'string' && isAccepted(fresh), 'the new token is good')
    check(handed.filter(isAccepted).length === 1, 'and no other')
  }),
)

t.test('of logins at once each that is right succeeds, whichever of them renews the hash', () =>
  race(async ({ logIn, isAccepted, isOutdated }, settle, { isImported, isBusy }) => {
    const tokens = await settle([logIn('old'), logIn('wrong'), logIn('old'), logIn('old')])
    check(tokens[1] === undefined, 'the wrong one is refused')
    tokens.splice(1, 1)
    check(
      tokens.every((token) => token !== undefined && isAccepted(token)),
      String(tokens),
    )
    check((await isOutdated()) === (isImported && isBusy), 'and the hash is new')
  }),
)

t.test('of two password changes one succeeds', () =>
  race(async ({ changePassword, handed, isAccepted }, settle) => {
    const tokens = await settle([changePassword(), changePassword()])
    check(tokens.filter(Boolean).length === 1, 'one succeeds')
    check(handed.filter(isAccepted).length === 1, 'its token is good')
  }),
)

t.test('two logouts: both are content, and the token is dead', () =>
  race(async ({ start, logout, isAccepted }, settle) => {
    const token = start()
    const statuses = await settle([logout(token), logout(token)])
    check(statuses.includes(204), String(statuses))
    check(!isAccepted(token), 'it is dead')
  }),
)

t.test('a user who is disabled has no token left, whatever he began before', () =>
  race(async ({ start, disable, refresh, logIn, changePassword, handed, isAccepted }, settle) => {
    const token = start()
    await settle<unknown>([logIn('old'), changePassword(), disable(), refresh(token), logIn('new')])
    check(!handed.some(isAccepted), 'nothing is left')
  }),
)
