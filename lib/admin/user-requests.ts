import type { FieldProblem } from '../http/respond.js'
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
} from '../users/profile.js'
import type { UserChanges } from '../users/user-store.js'

export type Parsed<T> = { ok: true; value: T } | { ok: false; errors: FieldProblem[] }

/** Which users are asked for. */
export interface UsersQuery {
  limit: number
  /** The `next` of the page before. */
  after: string | undefined
  /** Only the one with this e-mail. */
  email: string | undefined
}

/** What `after` must be. */
export const CURSOR_RULE = 'must be the next of the page before'

/** The parameters of a list of users. */
export const LIST_QUERY = ['limit', 'after', 'email'] as const
/** Those of an export. */
export const EXPORT_QUERY = ['limit', 'after'] as const

/** Reads the query of a list of users, which may have `names`, and lists every faulty parameter. */
export const parseUsersQuery = (
  query: string,
  names: ReadonlyArray<(typeof LIST_QUERY)[number]>,
): Parsed<UsersQuery> => {
  const errors: FieldProblem[] = []
  const value: UsersQuery = { limit: DEFAULT_LIMIT, after: undefined, email: undefined }
  const seen = new Set<string>()
  for (const [field, text] of new URLSearchParams(query)) {
    const refuse = (detail: string): void => void errors.push({ field, detail })
    if (seen.has(field)) refuse('comes twice')
    else if (!names.some((name) => name === field)) refuse(`must be one of: ${names.join(', ')}`)
    else if (field === 'limit') {
      value.limit = Number(text)
      if (!/^\d{1,4}$/.test(text) || value.limit < 1 || value.limit > MOST_USERS) refuse(LIMIT_RULE)
    } else if (field === 'after') {
      value.after = text
      if (!/^[\x21-\x7e]{1,255}$/.test(text)) refuse(CURSOR_RULE)
    } else {
      value.email = normaliseEmail(text)
      if (value.email === undefined) refuse(EMAIL_RULE)
    }
    seen.add(field)
  }
  return errors.length > 0 ? { ok: false, errors } : { ok: true, value }
}

/** Reads what is to be changed of a user, and lists every faulty field. */
export const parseChanges = (fields: ReadonlyMap<string, unknown>): Parsed<UserChanges> => {
  const errors: FieldProblem[] = []
  const value: UserChanges = {}
  const refuse = (field: string, detail: string): void => void errors.push({ field, detail })
  for (const [field, given] of fields) {
    const text = TEXTS.find(({ name }) => name === field)
    if (text) {
      const read = text.read(given)
      if (read === undefined) refuse(field, text.rule)
      else value[text.name] = read
    } else if (field === 'disabled') {
      const read = disabled(given)
      if (read === undefined) refuse(field, DISABLED_RULE)
      else value.isDisabled = read
    } else refuse(field, 'must be one of: subscription, country, platform, disabled')
  }
  return errors.length > 0 ? { ok: false, errors } : { ok: true, value }
}

const TEXTS = [
  { name: 'subscription', read: subscription, rule: SUBSCRIPTION_RULE },
  { name: 'country', read: country, rule: COUNTRY_RULE },
  { name: 'platform', read: platform, rule: PLATFORM_RULE },
] as const

const DEFAULT_LIMIT = 100
const MOST_USERS = 1_000
const LIMIT_RULE = `must be a whole number from 1 to ${MOST_USERS}`
