import type { RevocableToken } from '../../lib/revocation/revocation-store.js'
import type { User } from '../../lib/users/user-store.js'

/** A user as a store keeps him. */
export const user = (email: string, more: Partial<User> = {}): User => ({
  id: `user_${email}`,
  email,
  passwordHash: 'hash',
  subscription: 'free',
  country: 'ZZ',
  platform: 'unknown',
  isDisabled: false,
  createdAtSeconds: 0,
  ...more,
})

/** A token that is accepted for ten minutes yet. */
export const token = (tokenId: string): RevocableToken => ({
  tokenId,
  userId: 'user_ada',
  issuedAtMs: Date.now(),
  expSeconds: Math.floor(Date.now() / 1000) + 600,
})
