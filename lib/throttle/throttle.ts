import { createHash } from 'node:crypto'
import type { Clock } from '../clock.js'
import { networkOf } from './network.js'
import type { ThrottleStore } from './throttle-store.js'

/** What can be tried, and is counted apart from the rest. */
export type Attempted = 'signup' | 'login' | 'password' | 'operator'

/** That there were too many attempts. */
interface Excess {
  /** By what they were counted. */
  policy: 'address' | 'account'
  /** How many may be made in a window. */
  quota: number
  windowMs: number
  /** Until the window ends, in milliseconds. */
  resetMs: number
}

/**
 * Counts attempts, whatever comes of them; each resolves to `undefined` as long as there are not too
 * many. They reject as the store does where it cannot count.
 */
export interface Throttle {
  /** By where they come from; of IPv6 all addresses of a network of 64 bits are one. */
  byAddress(attempted: Attempted, address: string): Promise<Excess | undefined>
  /** By whose account they are for, whether there is such an account or not. */
  byAccount(attempted: Attempted, account: string): Promise<Excess | undefined>
}

export interface ThrottleOptions {
  store: ThrottleStore
  clock: Clock
  /** How many attempts one address may make in a window. */
  addressAttempts: number
  /** How many may be made at one account in a window. */
  accountAttempts: number
  windowMs: number
}

export const createThrottle = (options: ThrottleOptions): Throttle => {
  const { store, clock, addressAttempts, accountAttempts, windowMs } = options
  // When the window of a key ends for which there were too many: a flood is refused without the store.
  const refused = new Map<string, number>()

  const refuse = (key: string, resetMs: number): void => {
    refused.delete(key)
    refused.set(key, clock.monotonic() + resetMs)
    if (refused.size > LIMIT_REFUSED) refused.delete(refused.keys().next().value as string) // not empty
  }

  const count = async (
    policy: Excess['policy'],
    quota: number,
    attempted: Attempted,
    subject: string,
  ): Promise<Excess | undefined> => {
    // As long for each, and nobody's e-mail is kept.
    const digest = createHash('sha256').update(subject).digest('base64url')
    const key = `${attempted}:${policy}:${digest}`
    const leftMs = (refused.get(key) ?? 0) - clock.monotonic()
    if (leftMs > 0) return { policy, quota, windowMs, resetMs: leftMs }
    const { count, resetMs } = await store.count(key, windowMs)
    if (count <= quota) return undefined
    refuse(key, resetMs)
    return { policy, quota, windowMs, resetMs }
  }

  return {
    byAddress: (attempted, address) =>
      count('address', addressAttempts, attempted, networkOf(address)),
    byAccount: (attempted, account) => count('account', accountAttempts, attempted, account),
  }
}

const LIMIT_REFUSED = 10_000
