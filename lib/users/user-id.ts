import { createHash, randomBytes } from 'node:crypto'

/** A new id for a user. */
export const createUserId = (): string => `user_${randomBytes(16).toString('hex')}`

/** The id that is always made of the same secret `seed`. */
export const userIdOf = (seed: string): string =>
  `user_${createHash('sha256').update(seed).digest('hex').slice(0, 32)}`

/** Whether an imported user can have this id. */
export const isUserId = (value: string): boolean => USER_ID.test(value)

export const USER_ID_RULE =
  'must have 1 to 64 characters of A-Z, a-z, 0-9, _, . and -, and not be ., .., import or export'

// It stands in paths, where dot segments are refused and `import` and `export` are something else.
const USER_ID = /^(?!(?:\.{1,2}|import|export)$)[\w.-]{1,64}$/
