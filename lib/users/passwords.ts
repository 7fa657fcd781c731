import { availableParallelism } from 'node:os'
import bcrypt from 'bcrypt'
import type { Clock } from '../clock.js'
import { GatewayError } from '../errors.js'

/** Hashes passwords and checks them, a bounded number at once. */
export interface Passwords {
  /** A new bcrypt hash. Throws `overloaded` when too many are waiting. */
  hash(password: string): Promise<string>
  /** Whether `hash` is of `password`; without a hash the same work is done, and the answer is no. */
  matches(password: string, hash: string | undefined): Promise<boolean>
}

/** The two functions of `bcrypt` that are called. */
export interface PasswordHasher {
  hash(password: string, cost: number): Promise<string>
  compare(password: string, hash: string): Promise<boolean>
}

export interface PasswordsOptions {
  /** How many hashes may wait for a free core before `overloaded` is thrown. */
  limitWaiting: number
  /** How long a hash may wait before it is given up as `overloaded`, in milliseconds. */
  limitWaitMs: number
  clock: Clock
  /** Does the work. Default: `bcrypt`, on the threads of libuv, off the event loop. */
  hasher?: PasswordHasher
  /** Hashes at once. Default: one fewer than there are cores, at least 1 and at most 3. */
  concurrency?: number
}

/** The bcrypt cost: 2 to the power of this many rounds. */
export const BCRYPT_COST = 10

export const createPasswords = ({
  hasher = bcrypt,
  concurrency = Math.min(Math.max(1, availableParallelism() - 1), MOST_AT_ONCE),
  ...limits
}: PasswordsOptions): Passwords => {
  const limited = createLimiter({ concurrency, ...limits })
  return {
    hash: (password) => limited(() => hasher.hash(password, BCRYPT_COST)),
    matches: (password, hash) =>
      limited(async () => {
        const isMatch = await hasher.compare(password, hash ?? HASH_OF_NOBODY)
        return isMatch && hash !== undefined
      }),
  }
}

// One fewer than libuv has threads: the look-up of a service's name must not wait behind a hash.
const MOST_AT_ONCE = 3

// Of 32 random bytes that were thrown away; its cost is BCRYPT_COST, so that comparing takes as long.
const HASH_OF_NOBODY = '$2b$10$fFQzZ0ap9O2LkMid3z6Dc.xc2d6nTG3XXQHcBaEja1ti1oeoO021u'

type Limited = <T>(work: () => Promise<T>) => Promise<T>

interface Limits {
  concurrency: number
  limitWaiting: number
  limitWaitMs: number
  clock: Clock
}

/** Runs at most `concurrency` works at once, first come first served. */
const createLimiter = ({ concurrency, limitWaiting, limitWaitMs, clock }: Limits): Limited => {
  const waiting: Array<() => void> = []
  let running = 0
  return async (work) => {
    const startMs = clock.monotonic()
    if (running < concurrency) running++
    else if (waiting.length >= limitWaiting) throw new GatewayError('overloaded')
    else await new Promise<void>((resolve) => waiting.push(resolve))
    try {
      if (clock.monotonic() - startMs > limitWaitMs) throw new GatewayError('overloaded')
      return await work()
    } finally {
      // The place goes straight to who waited longest; nobody who comes in between can take it.
      const next = waiting.shift()
      if (next) next()
      else running--
    }
  }
}
