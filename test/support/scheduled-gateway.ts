import type { IncomingMessage } from 'node:http'
import type fc from 'fast-check'
import { createAuthenticate } from '../../lib/auth/authenticate.js'
import { createLogout, createLogoutAll } from '../../lib/auth/logout.js'
import { createRefresh } from '../../lib/auth/refresh.js'
import { createTokenBody } from '../../lib/auth/tokens.js'
import { unixSeconds } from '../../lib/clock.js'
import { GatewayError } from '../../lib/errors.js'
import type { Departing } from '../../lib/http/departures.js'
import type { Exchange } from '../../lib/http/exchange.js'
import type { Handler } from '../../lib/http/router.js'
import { createRevocations } from '../../lib/revocation/revocations.js'
import type { RevocationStore } from '../../lib/revocation/revocation-store.js'
import { createMemoryRevocations } from '../../lib/stores/memory-revocations.js'
import { createMemoryUsers } from '../../lib/stores/memory-users.js'
import { createAccounts, type Standing } from '../../lib/users/accounts.js'
import type { UserStore } from '../../lib/users/user-store.js'
import { keys, verifyOptions } from './forge.js'
import { createManualClock } from './manual-clock.js'

const ACCOUNT = {
  email: 'ada@example.com',
  password: 'old',
  subscription: 'free',
  country: 'ZZ',
  platform: 'unknown',
}
/** Of somebody who waits for his answer. */
const PRESENT = new AbortController().signal

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

export interface Condition {
  /** The hash of the user is one that a login renews. */
  isImported: boolean
  /** There is never a turn to renew it. */
  isBusy: boolean
}

/** The parts of a gateway that hand out and revoke tokens, over stores that answer in any order. */
export const createScheduledGateway = async (
  scheduler: fc.Scheduler,
  { isImported, isBusy }: Condition,
) => {
  const clock = createManualClock()
  const plainUsers = createMemoryUsers({ limitUsers: 10 })
  const plainStore = createMemoryRevocations({
    clock,
    limitEntries: 1_000,
    ownLifeSeconds: 86_400,
  })
  const users = scheduled<UserStore>(scheduler, plainUsers, [
    'findByEmail',
    'findById',
    'update',
    'changePassword',
  ])
  const store = scheduled<RevocationStore>(scheduler, plainStore, [
    'issueMs',
    'revokeToken',
    'revokeUser',
    'reserve',
  ])
  const revocations = createRevocations({
    store,
    clock,
    toleranceSeconds: 0,
    longestLifeSeconds: undefined,
  })
  let salt = 1
  const passwords = scheduled(
    scheduler,
    {
      hash: async (password: string) => {
        if (isBusy && password === ACCOUNT.password) throw new GatewayError('overloaded')
        return `${++salt} ${password}`
      },
      matches: async (password: string, hash = '') => hash.endsWith(` ${password}`),
      isOutdated: (hash: string) => hash.startsWith('0 '),
    },
    ['hash', 'matches'],
  )
  const issueMs = (userId: string): Promise<number> => revocations.issueMs(userId)
  const revokeUser = (userId: string): Promise<void> => revocations.revokeUser(userId)
  const reserve = (userId: string): Promise<void> => revocations.reserve(userId)
  const againMs = 300_000
  const accounts = createAccounts({
    users,
    passwords,
    clock,
    againMs,
    issueMs,
    reserve,
    revokeUser,
  })
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
    clock,
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
      _send: (body: string) => status === 200 && take(body),
      end: () => {},
    }
    const request = { rawHeaders: ['Authorization', `Bearer ${token}`] } as IncomingMessage
    const framing = { kind: 'none' }
    const isDraining = (): boolean => false
    const departures = { add: (one: Departing): void => one.depart() }
    const exchange = { request, response, framing, clock, isDraining, departures }
    await handler(exchange as never as Exchange)
    return status
  }
  const isAccepted = (token: string): boolean =>
    authenticate(['Authorization', `Bearer ${token}`], unixSeconds(clock), false).ok
  const id = 'user_ada'
  const { password, ...rest } = ACCOUNT
  const passwordHash = `${isImported ? 0 : salt} ${password}`
  await plainUsers.insert({ ...rest, id, passwordHash, isDisabled: false, createdAtSeconds: 0 })
  const user = await plainUsers.findById(id)
  const start = (): string => given(user && { user, issuedAtMs: clock.now() }) ?? ''
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
    changePassword: async () => {
      const change = { current: 'old', next: 'new' }
      return given(await accounts.changePassword(id, change, () => true, PRESENT))
    },
    logIn: async (password: string) =>
      given(await accounts.logIn(ACCOUNT.email, password, PRESENT)),
    /** Whether a login would still renew the hash. */
    isOutdated: async () => {
      const { passwordHash: now = '' } = (await plainUsers.findById(id)) ?? {}
      return passwords.isOutdated(now)
    },
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

export type ScheduledGateway = Awaited<ReturnType<typeof createScheduledGateway>>
