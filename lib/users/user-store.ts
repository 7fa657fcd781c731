/** A user as it rests in a store. */
export interface User {
  /** `user_` and 32 hexadecimal characters, unless it was imported. */
  id: string
  /** Trimmed and in lower case: the key under which a user is found. */
  email: string
  /** A bcrypt hash in its modular crypt format. */
  passwordHash: string
  subscription: string
  country: string
  platform: string
  /** Who is disabled gets no token. */
  isDisabled: boolean
  /** Unix seconds. */
  createdAtSeconds: number
}

/** What an operator can change of a user. */
export type UserChanges = Partial<
  Pick<User, 'subscription' | 'country' | 'platform' | 'isDisabled'>
>

/** Some users, and where the next ones begin: `undefined` at the end. */
interface UserPage {
  users: User[]
  next: string | undefined
}

/** Where users are kept. Each method is atomic. */
export interface UserStore {
  /** Adds the user; `false` when the e-mail or the id is taken. Rejects with `overloaded` when there is no room. */
  insert(user: User): Promise<boolean>
  findByEmail(email: string): Promise<User | undefined>
  findById(id: string): Promise<User | undefined>
  /** The user as changed; `undefined` when there is none. */
  update(id: string, changes: UserChanges): Promise<User | undefined>
  /** Replaces the hash if it is still `fromHash`; whether it was. */
  changePassword(id: string, fromHash: string, toHash: string): Promise<boolean>
  /** Whether there was such a user. */
  remove(id: string): Promise<boolean>
  /**
   * At most `limit` users in a fixed order, from a `next` of the page before, or from the first;
   * `undefined` for what cannot be a `next`.
   */
  list(cursor: string | undefined, limit: number): Promise<UserPage | undefined>
}
