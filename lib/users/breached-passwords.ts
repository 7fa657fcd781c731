import { createHash } from 'node:crypto'
import { GatewayError } from '../errors.js'
import type { Log } from '../log.js'
import type { HashFile, HashFileError } from './hash-file.js'

/**
 * Whether a password is known from data breaches; rejects with `store_unavailable` when that cannot be
 * looked up.
 */
export type IsBreached = (password: string) => Promise<boolean>

/** Passwords that are known from data breaches. */
export interface BreachedPasswords {
  has: IsBreached
  /** Takes another file of their hashes; the one before is closed. */
  replace(file: HashFile): void
  close(): void
}

/** Without a file there are none. */
export const createBreachedPasswords = (
  initial: HashFile | undefined,
  log: Log,
): BreachedPasswords => {
  let file = initial
  let isReported = false

  const report = (cause: string): void => {
    // Once for each file: otherwise every new password would be a line.
    if (!isReported) log({ event: 'breached_passwords_failed', cause })
    isReported = true
  }

  return {
    has: async (password) => {
      if (!file) return false
      const hash = createHash('sha1').update(password).digest('hex').toUpperCase()
      try {
        return await file.has(hash)
      } catch (error) {
        report((error as HashFileError).message) // it rejects with no other
        throw new GatewayError('store_unavailable')
      }
    },
    replace: (next) => {
      file?.close()
      file = next
      isReported = false
    },
    close: () => file?.close(),
  }
}
