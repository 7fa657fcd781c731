import {
  country,
  COUNTRY_RULE,
  disabled,
  DISABLED_RULE,
  EMAIL_RULE,
  normaliseEmail,
  platform,
  PLATFORM_RULE,
  subscription,
  SUBSCRIPTION_RULE,
} from './profile.js'
import { createUserId, isUserId, USER_ID_RULE } from './user-id.js'
import type { User } from './user-store.js'

/** What is wrong with a row: with one field of it, or with all of it. */
export interface RowProblem {
  field?: string
  detail: string
}

type ImportedUser = Omit<User, 'createdAtSeconds'>

export type ParsedRow = { ok: true; user: ImportedUser } | { ok: false; problems: RowProblem[] }

/**
 * Reads a user as operators import him, and lists every faulty field; `plan` is the subscription of
 * one who comes without any.
 */
export const parseImportedUser = (
  fields: ReadonlyMap<string, unknown>,
  plan: string,
): ParsedRow => {
  const problems: RowProblem[] = []
  const check = <T>(field: string, value: T | undefined, detail: string): T => {
    if (value === undefined) problems.push({ field, detail: fields.has(field) ? detail : MISSING })
    return value as T // of a row with a problem nothing is used
  }
  const user = {
    id: check('user_id', userId(fields.get('user_id')), USER_ID_RULE),
    email: check('email', normaliseEmail(fields.get('email')), EMAIL_RULE),
    passwordHash: check('password_hash', bcryptHash(fields.get('password_hash')), HASH_RULE),
    subscription: check(
      'subscription',
      subscription(fields.get('subscription') === undefined ? plan : fields.get('subscription')),
      SUBSCRIPTION_RULE,
    ),
    country: check('country', country(fields.get('country')), COUNTRY_RULE),
    platform: check('platform', platform(fields.get('platform')), PLATFORM_RULE),
    isDisabled: check('disabled', disabled(fields.get('disabled')), DISABLED_RULE),
  }
  const unknown = [...fields.keys()].find((name) => !FIELDS.has(name))
  if (unknown !== undefined)
    problems.push({ field: unknown.slice(0, LONGEST_NAME), detail: 'is no field of a user' })
  return problems.length > 0 ? { ok: false, problems } : { ok: true, user }
}

const FIELDS: ReadonlySet<string> = new Set([
  'user_id',
  'email',
  'password_hash',
  'subscription',
  'country',
  'platform',
  'disabled',
])
const LONGEST_NAME = 64 // of what is repeated to the operator

const MISSING = 'is required'
const HASH_RULE =
  'must be a bcrypt hash of 60 characters that begins with $2a$, $2b$ or $2y$, of a cost from 4 to 14'

const userId = (value: unknown): string | undefined => {
  if (value === undefined) return createUserId()
  return typeof value === 'string' && isUserId(value) ? value : undefined
}

// A cost above 14 would hold a thread for seconds at each login, and for minutes above 20.
const BCRYPT_HASH = /^\$2[aby]\$(?:0[4-9]|1[0-4])\$[./A-Za-z0-9]{53}$/

// `$2y$` is what PHP calls `$2b$`, which is all that the bcrypt package knows.
const bcryptHash = (value: unknown): string | undefined =>
  typeof value === 'string' && BCRYPT_HASH.test(value) ? value.replace(/^\$2y/, '$2b') : undefined
