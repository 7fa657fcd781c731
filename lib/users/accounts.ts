import { unixSeconds, type Clock } from '../clock.js'
import type { Passwords } from './passwords.js'
import { createUserId, userIdOf } from './user-id.js'
import type { User, UserStore } from './user-store.js'

/** Who signs up; checked and normalised. */
export interface NewAccount {
  email: string
  password: string
  subscription: string
  country: string
  platform: string
}

/** A user who may have a token, and the moment as of which it is issued, in Unix milliseconds. */
export interface Standing {
  user: User
  issuedAtMs: number
}

export interface PasswordChange {
  current: string
  next: string
}

/** For `gone`, once it is aborted, no password is hashed any more that has not had its turn. */
export interface Accounts {
  /**
   * Makes a user; `undefined` when the e-mail is taken. With a secret `seed` the same signup finds the
   * user that one before it has just made, as long as the password is his.
   */
  signUp(account: NewAccount, gone: AbortSignal, seed?: string): Promise<Standing | undefined>
  /**
   * The user, if e-mail and password are right; the same work is done whatever is not, or when he is
   * disabled. A hash of another cost than new ones gets a new one in its place, where that can be done.
   */
  logIn(email: string, password: string, gone: AbortSignal): Promise<Standing | undefined>
  /** The user as he is now; `undefined` when there is none, or he is disabled. */
  standing(userId: string): Promise<Standing | undefined>
  /**
   * Changes the password and revokes all of the user's tokens; `wrong_password` when `current` is not
   * (any more) his password, `revoked` when who asks is not `isStillGood` in the end, `undefined` as for
   * `standing`. Rejects with `overloaded`, and changes nothing, when there is no room.
   */
  changePassword(
    userId: string,
    change: PasswordChange,
    isStillGood: () => boolean,
    gone: AbortSignal,
  ): Promise<Standing | 'wrong_password' | 'revoked' | undefined>
}

export interface AccountsOptions {
  users: UserStore
  passwords: Omit<Passwords, 'queue'>
  clock: Clock
  /** For how long a signup finds the user that one with the same seed has made, in milliseconds. */
  againMs: number
  /** The moment as of which a token of this user is issued now, in Unix milliseconds. */
  issueMs: (userId: string) => Promise<number>
  /** Sees to it that there is room to revoke the tokens of the user. */
  reserve: (userId: string) => Promise<void>
  /** Revokes every token of the user that was issued until now. */
  revokeUser: (userId: string) => Promise<void>
}

export const createAccounts = (options: AccountsOptions): Accounts => {
  const { users, passwords, clock, againMs, issueMs, reserve, revokeUser } = options

  const standing = async (userId: string, hash?: string): Promise<Standing | undefined> => {
    // First the moment, then the look: who is disabled, or given another password, behind that look
    // has his tokens revoked up to a later moment.
    const issuedAtMs = await issueMs(userId)
    const user = await users.findById(userId)
    if (!user || user.isDisabled) return undefined
    return hash === undefined || user.passwordHash === hash ? { user, issuedAtMs } : undefined
  }

  /** The hash that the user has now: a new one in place of one of another cost, where that can be done. */
  const renew = async (user: User, password: string, gone: AbortSignal): Promise<string> => {
    const { id, passwordHash } = user
    if (!passwords.isOutdated(passwordHash)) return passwordHash
    try {
      const hash = await passwords.hash(password, gone)
      return (await users.changePassword(id, passwordHash, hash)) ? hash : passwordHash
    } catch {
      // His password was right: he is let in all the same, and a later login tries again.
      return passwordHash
    }
  }

  /** The user as he is now, if another login may have renewed his hash, and this is still his password. */
  const overtaken = async (
    user: User,
    password: string,
    gone: AbortSignal,
  ): Promise<User | undefined> => {
    if (!passwords.isOutdated(user.passwordHash)) return undefined
    const now = await users.findById(user.id)
    if (!now || now.passwordHash === user.passwordHash) return undefined
    return (await passwords.matches(password, now.passwordHash, gone)) ? now : undefined
  }

  return {
    standing: (userId) => standing(userId),

    signUp: async ({ password, ...account }, gone, seed) => {
      const id = seed === undefined ? createUserId() : userIdOf(seed)
      const again = async (user: User | undefined): Promise<Standing | undefined> =>
        user?.id === id &&
        unixSeconds(clock) - user.createdAtSeconds < againMs / 1000 &&
        (await passwords.matches(password, user.passwordHash, gone))
          ? standing(id, user.passwordHash)
          : undefined
      // Only spares a hash: that an e-mail is taken once is what `insert` guarantees.
      const taken = await users.findByEmail(account.email)
      if (taken) return again(taken)
      const passwordHash = await passwords.hash(password, gone)
      const user: User = {
        ...account,
        id,
        passwordHash,
        isDisabled: false,
        createdAtSeconds: unixSeconds(clock),
      }
      const issuedAtMs = await issueMs(user.id)
      if (await users.insert(user)) return { user, issuedAtMs }
      return again(await users.findByEmail(account.email))
    },

    logIn: async (email, password, gone) => {
      const user = await users.findByEmail(email)
      // Who is disabled is compared like a stranger, and so takes as long.
      const hash = user?.isDisabled ? undefined : user?.passwordHash
      if (!(await passwords.matches(password, hash, gone)) || !user) return undefined
      // He may have been disabled, or changed his password, while it was compared.
      const found = await standing(user.id, await renew(user, password, gone))
      if (found) return found
      const now = await overtaken(user, password, gone)
      return now && standing(now.id, now.passwordHash)
    },

    changePassword: async (userId, { current, next }, isStillGood, gone) => {
      const user = await users.findById(userId)
      if (!user || user.isDisabled) return undefined
      if (!(await passwords.matches(current, user.passwordHash, gone))) return 'wrong_password'
      const hash = await passwords.hash(next, gone)
      // A new password whose old tokens cannot be revoked would be half a change.
      await reserve(userId)
      for (let from: User | undefined = user; from; from = await overtaken(from, current, gone)) {
        // Much can have happened while hashes were made.
        if (!isStillGood()) return 'revoked'
        if (!(await users.changePassword(userId, from.passwordHash, hash))) continue
        await revokeUser(userId)
        return standing(userId, hash)
      }
      return 'wrong_password'
    },
  }
}
