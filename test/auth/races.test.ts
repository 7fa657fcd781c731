// Whatever overtakes whatever: no token passes that was revoked.
import type { IncomingMessage } from 'node:http'
import fc from 'fast-check'
import t from 'tap'
import { createAuthenticate } from '../../lib/auth/authenticate.js'
import { createLogout, createLogoutAll } from '../../lib/auth/logout.js'
import { createRefresh } from '../../lib/auth/refresh.js'
import { createTokenBody } from '../../lib/auth/tokens.js'
import { unixSeconds } from '../../lib/clock.js'
import type { Exchange } from '../../lib/http/exchange.js'
import type { Handler } from '../../lib/http/router.js'
import { createRevocations } from '../../lib/revocation/revocations.js'
import type { RevocationStore } from '../../lib/revocation/revocation-store.js'
import { createMemoryRevocations } from '../../lib/stores/memory-revocations.js'
import { createMemoryUsers } from '../../lib/stores/memory-users.js'
import { createAccounts, type Standing } from '../../lib/users/accounts.js'
import type { UserStore } from '../../lib/users/user-store.js'
import { keys, verifyOptions } from '../support/forge.js'
import { createManualClock } from '../support/manual-clock.js'

const ACCOUNT = {
  email: 'ada@example.com',
  password: 'old',
  subscription: 'free',
  country: 'ZZ',
  platform: 'unknown',
}

/** Each promise of `target` is settled when the scheduler says so, and its work begins when it says so. */
const scheduled = <T extends object>(
  scheduler: fc.Scheduler,
  target: T,
  names: Array<keyof T>,
): T =>
  new Proxy(target, {
    get: (_, name) => {
      const own: unknown = Reflect.get(target, name)
      if (!names.includes(name as keyof T) || typeof own !== 'function') return own
      return async (...args: unknown[]): Promise<unknown> => {
        await scheduler.schedule(Promise.resolve(), `${String(name)} begins`)
        const result: unknown = await own.call(target, ...args)
        await scheduler.schedule(Promise.resolve(), `${String(name)} ends`)
        return result
      }
    },
  })

/** The parts of a gateway that hand out and revoke tokens, over stores that answer in any order. */
const setUp = async (scheduler: fc.Scheduler) => {
  const clock = createManualClock()
  const plainUsers = createMemoryUsers({ limitUsers: 10 })
  const plainStore = createMemoryRevocations({ clock, limitEntries: 1_000 })
  const users = scheduled<UserStore>(scheduler, plainUsers, [
    'findByEmail',
    'findById',
    'update',
    'changePassword',
  ])
  const store = scheduled<RevocationStore>(scheduler, plainStore, ['revokeToken', 'revokeUser'])
  const revocations = createRevocations({ store, clock, longestLifeSeconds: undefined })
  const passwords = scheduled(
    scheduler,
    {
      hash: async (password: string) => password,
      matches: async (password: string, hash: string | undefined) => password === hash,
    },
    ['hash', 'matches'],
  )
  const issueMs = (userId: string): number => revocations.issueMs(userId)
  const revokeUser = (userId: string): Promise<void> => revocations.revokeUser(userId)
  const accounts = createAccounts({ users, passwords, clock, issueMs, revokeUser })
  const authenticate = createAuthenticate({
    verification: verifyOptions(),
    revocations,
    sessions: { watch: () => () => {} },
    signer: undefined,
    websocketTokens: false,
    limitRemembered: 100,
  })
  const tokenBody = createTokenBody({
    keys,
    issuer: 'a',
    audience: undefined,
    lifeSeconds: 86_400,
  })
  const handed: string[] = []
  const take = (body: string): string => {
    const { token } = JSON.parse(body) as { token: string }
    handed.push(token)
    return token
  }
  const given = (standing: Standing | string | undefined): string | undefined =>
    typeof standing === 'object' ? take(tokenBody(standing)) : undefined
  /** Calls a handler with a token; gives the status. */
  const call = async (handler: Handler, token: string): Promise<number> => {
    let status = 0
    const response = {
      getHeaderNames: () => [],
      writeHead: (code: number) => (status = code),
      end: (body: Buffer) => status === 200 && take(body.toString()),
    }
    const request = { rawHeaders: ['Authorization', `Bearer ${token}`] } as IncomingMessage
    const framing = { kind: 'none' }
    const isDraining = (): boolean => false
    await handler({ request, response, framing, clock, isDraining } as never as Exchange)
    return status
  }
  const isAccepted = (token: string): boolean =>
    authenticate(['Authorization', `Bearer ${token}`], unixSeconds(clock), false).ok
  const id = 'user_ada'
  const { password: passwordHash, ...rest } = ACCOUNT
  await plainUsers.insert({ ...rest, id, passwordHash, isDisabled: false, createdAtSeconds: 0 })
  const user = await plainUsers.findById(id)
  const start = (): string => given(user && { user, issuedAtMs: issueMs(id) }) ?? ''
  const refresh = createRefresh({ authenticate, accounts, revocations, tokenBody })
  const logout = createLogout(authenticate, revocations)
  const logoutAll = createLogoutAll(authenticate, revocations)
  return {
    start,
    handed,
    isAccepted,
    refresh: (token: string) => call(refresh, token),
    logout: (token: string) => call(logout, token),
    logoutAll: (token: string) => call(logoutAll, token),
    changePassword: async () => given(await accounts.changePassword(id, 'old', 'new')),
    logIn: async (password: string) => given(await accounts.logIn(ACCOUNT.email, password)),
    disable: async () => {
      await users.update(id, { isDisabled: true })
      await revocations.revokeUser(id)
    },
    advance: async (ms: number) => {
      await scheduler.schedule(Promise.resolve(), 'time passes')
      clock.advance(ms)
    },
  }
}

type Gateway = Awaited<ReturnType<typeof setUp>>

const race = async (
  run: (gateway: Gateway, settle: <T>(works: Array<Promise<T>>) => Promise<T[]>) => Promise<void>,
): Promise<void> => {
  let runs = 0
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), fc.nat(2), async (scheduler, ms) => {
      const gateway = await setUp(scheduler)
      await run(gateway, async (works) => {
        const all = Promise.all([...works, gateway.advance(ms)])
        await scheduler.waitFor(all)
        return (await all).slice(0, -1) as never
      })
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
