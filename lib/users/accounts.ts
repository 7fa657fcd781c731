import { randomBytes } from 'node:crypto'
import { unixSeconds, type Clock } from '../clock.js'
import type { Passwords } from './passwords.js'
import type { User, UserStore } from './user-store.js'

/** Who signs up; checked and normalised. */
export interface NewAccount {
  email: string
  password: string
  subscription: string
  country: string
  platform: string
}

export interface Accounts {
  /** Makes a user; `undefined` when the e-mail is taken. */
  signUp(account: NewAccount): Promise<User | undefined>
  /** The user, if e-mail and password are right; the same work is done when they are not. */
  logIn(email: string, password: string): Promise<User | undefined>
}

export interface AccountsOptions {
  users: UserStore
  passwords: Passwords
  clock: Clock
}

export const createAccounts = ({ users, passwords, clock }: AccountsOptions): Accounts => ({
  signUp: async ({ password, ...account }) => {
    // Only spares a hash: that an e-mail is taken once is what `insert` guarantees.
    if (await users.findByEmail(account.email)) return undefined
    const user: User = {
      ...account,
      id: `user_${randomBytes(16).toString('hex')}`,
      passwordHash: await passwords.hash(password),
      createdAtSeconds: unixSeconds(clock),
    }
    return (await users.insert(user)) ? user : undefined
  },

  logIn: async (email, password) => {
    const user = await users.findByEmail(email)
    return (await passwords.matches(password, user?.passwordHash)) ? user : undefined
  },
})
