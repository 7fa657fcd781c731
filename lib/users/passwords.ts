import { availableParallelism } from 'node:os'
import { BCRYPT_COST, costOf } from './bcrypt-hash.js'
import { createHashQueue, type HashQueue, type HashQueueOptions } from './hash-queue.js'

/**
 * Hashes passwords and compares them, a bounded number at once. Each rejects with `overloaded` when too
 * many are waiting, or it has waited too long; whoever has gone meanwhile is not served.
 */
export interface Passwords {
  /** A new bcrypt hash. */
  hash(password: string, gone: AbortSignal): Promise<string>
  /**
   * Whether `hash` is of `password`. Where there is none, or either is such that bcrypt could not tell,
   * the answer is no, after the same work as for a hash of the cost of new ones.
   */
  matches(password: string, hash: string | undefined, gone: AbortSignal): Promise<boolean>
  /** Whether a new hash of the same password would have another cost. */
  isOutdated(hash: string): boolean
  readonly queue: Pick<HashQueue, 'waiting' | 'running'>
}

/** The two functions of `bcrypt` that are called. */
export interface PasswordHasher {
  /** A hash in the format of bcrypt, which says that it is of this cost. */
  hash(password: string, cost: number): Promise<string>
  compare(password: string, hash: string): Promise<boolean>
}

export interface PasswordsOptions extends Omit<HashQueueOptions, 'concurrency'> {
  /** Does the work, off the event loop. */
  hasher: PasswordHasher
  /** Hashes at once. Default: as `hashesAtOnce` of one process. */
  concurrency?: number
}

export const createPasswords = ({
  hasher,
  concurrency = hashesAtOnce(1),
  ...limits
}: PasswordsOptions): Passwords => {
  const queue = createHashQueue({ concurrency, ...limits })
  return {
    hash: (password, gone) => queue.run(() => hasher.hash(password, BCRYPT_COST), gone),
    matches: (password, hash, gone) => {
      const own = hash !== undefined && isComparable(password, hash) ? hash : undefined
      return queue.run(async () => {
        const isMatch = await hasher.compare(password, own ?? HASH_OF_NOBODY)
        return isMatch && own !== undefined
      }, gone)
    },
    isOutdated: (hash) => costOf(hash) !== BCRYPT_COST,
    queue,
  }
}

/**
 * How many passwords each of so many processes hashes at once: together one fewer than there are cores,
 * but each at least 1 and at most 3.
 */
export const hashesAtOnce = (processes: number, cores: number = availableParallelism()): number =>
  Math.min(Math.max(1, Math.floor((cores - 1) / processes)), MOST_AT_ONCE)

/** Whether bcrypt reads the password to its end: 72 bytes of UTF-8 at most, no NUL. */
export const isHashable = (password: string): boolean =>
  Buffer.byteLength(password, 'utf8') <= PASSWORD_MAX_BYTES &&
  !password.includes('\0') &&
  !/\p{Surrogate}/u.test(password)

export const PASSWORD_MAX_BYTES = 72

// One fewer than libuv has threads, on which a program's own hasher may work: the look-up of a service's name must
// not wait behind a hash.
const MOST_AT_ONCE = 3

// Of 32 random bytes that were thrown away; its cost is BCRYPT_COST, so that comparing takes as long.
const HASH_OF_NOBODY = '$2b$10$fFQzZ0ap9O2LkMid3z6Dc.xc2d6nTG3XXQHcBaEja1ti1oeoO021u'

// No account can have a password that bcrypt would cut, nor be entered by a hash that it cannot read.
const isComparable = (password: string, hash: string): boolean =>
  isHashable(password) && costOf(hash) !== undefined
