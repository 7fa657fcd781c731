import type { RevocableToken } from '../../lib/revocation/revocation-store.js'
import type { Engine } from '../../lib/stores/engine.js'
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

/** One of each verb that a request may need. */
export const verbsOf = (engine: Engine): Array<() => Promise<unknown>> => [
  () => engine.ping(),
  () => engine.users.insert(user('bob')),
  () => engine.users.findByEmail('bob'),
  () => engine.users.list(undefined, 2),
  () => engine.idempotency.claim('k', 'f', 1_000),
  () => engine.revocations.addToken(token('a')),
  () => engine.revocations.issueMs('user_ada'),
  () => engine.revocations.read(undefined, 2),
  () => engine.throttle.count('k', 1_000),
]

export const isThere = (engine: Engine): Promise<boolean> =>
  engine.ping().then(
    () => true,
    () => false,
  )
