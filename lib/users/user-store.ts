/** A user as it rests in a store. */
export interface User {
  /** `user_` and 32 hexadecimal characters. */
  id: string
  /** Trimmed and in lower case: the key under which a user is found. */
  email: string
  /** A bcrypt hash in its modular crypt format. */
  passwordHash: string
  subscription: string
  country: string
  platform: string
  /** Unix seconds. */
  createdAtSeconds: number
}

/** Where users are kept. Each method is atomic. */
export interface UserStore {
  /** Adds the user; `false` when the e-mail is taken. Rejects with `overloaded` when there is no room. */
  insert(user: User): Promise<boolean>
  findByEmail(email: string): Promise<User | undefined>
}
