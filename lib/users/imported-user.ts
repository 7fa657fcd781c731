import { costOf } from './bcrypt-hash.js'
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

/** What a user has whose row does not say it. */
export interface RowDefaults {
  subscription: string
  createdAtSeconds: number
}

export type ParsedRow = { ok: true; user: User } | { ok: false; problems: RowProblem[] }

/** Reads a user as operators import him, and lists every faulty field. */
export const parseImportedUser = (
  fields: ReadonlyMap<string, unknown>,
  defaults: RowDefaults,
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
      subscription(fields.has('subscription') ? fields.get('subscription') : defaults.subscription),
      SUBSCRIPTION_RULE,
    ),
    country: check('country', country(fields.get('country')), COUNTRY_RULE),
    platform: check('platform', platform(fields.get('platform')), PLATFORM_RULE),
    isDisabled: check('disabled', disabled(fields.get('disabled')), DISABLED_RULE),
    createdAtSeconds: check(
      'created_at',
      unixTime(fields.has('created_at') ? fields.get('created_at') : defaults.createdAtSeconds),
      CREATED_AT_RULE,
    ),
  }
  const unknown = [...fields.keys()].find((name) => !FIELDS.has(name))
  if (unknown !== undefined)
    problems.push({ field: unknown.slice(0, LONGEST_NAME), detail: 'is no field of a user' })
  return problems.length > 0 ? { ok: false, problems } : { ok: true, user }
}

/** Whether everything that a row says of `user`, whom it was read as, is so of `there`. */
export const isAsRowSays = (
  fields: ReadonlyMap<string, unknown>,
  user: User,
  there: User,
): boolean => [...FIELDS].every(([field, part]) => !fields.has(field) || user[part] === there[part])

const FIELDS: ReadonlyMap<string, keyof User> = new Map([
  ['user_id', 'id'],
  ['email', 'email'],
  ['password_hash', 'passwordHash'],
  ['subscription', 'subscription'],
  ['country', 'country'],
  ['platform', 'platform'],
  ['disabled', 'isDisabled'],
  ['created_at', 'createdAtSeconds'],
])
const LONGEST_NAME = 64 // of what is repeated to the operator

const MISSING = 'is required'
const HASH_RULE =
  'must be a bcrypt hash of 60 characters that begins with $2a$, $2b$ or $2y$, of a cost from 4 to 14'

// The end of the year 9999, beyond which no other system writes a date.
const LAST_SECONDS = 253_402_300_799
const CREATED_AT_RULE = `must be Unix seconds, a whole number from 0 to ${LAST_SECONDS}`

const userId = (value: unknown): string | undefined => {
  if (value === undefined) return createUserId()
  return typeof value === 'string' && isUserId(value) ? value : undefined
}

// Above that it would hold a thread for seconds at each login, and for minutes above 20.
const HIGHEST_COST = 14

// `$2y$` is what PHP calls `$2b$`, which is all that the bcrypt package knows.
const bcryptHash = (value: unknown): string | undefined => {
  if (typeof value !== 'string') return undefined
  const hash = value.replace(/^\$2y/, '$2b')
  return (costOf(hash) ?? Infinity) <= HIGHEST_COST ? hash : undefined
}

const unixTime = (value: unknown): number | undefined =>
  Number.isInteger(value) && Number(value) >= 0 && Number(value) <= LAST_SECONDS
    ? Number(value)
    : undefined
