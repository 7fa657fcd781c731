import type { FieldProblem } from '../http/respond.js'
import type { NewAccount, PasswordChange } from '../users/accounts.js'
import { isHashable, PASSWORD_MAX_BYTES } from '../users/passwords.js'
import {
  country,
  COUNTRY_RULE,
  EMAIL_RULE,
  normaliseEmail,
  platform,
  PLATFORM_RULE,
} from '../users/profile.js'

/** What a trusted proxy says of the client; it wins over the body. */
export interface Located {
  country?: string
  platform?: string
}

export type Parsed<T> = { ok: true; value: T } | { ok: false; errors: FieldProblem[] }

/** Checks the body of a signup and lists every faulty field. */
export const parseSignup = (
  fields: ReadonlyMap<string, unknown>,
  plans: readonly string[],
  located: Located,
): Parsed<NewAccount> => {
  const errors: FieldProblem[] = []
  const check = createCheck(fields, errors)
  const value = {
    email: check('email', normaliseEmail(fields.get('email')), EMAIL_RULE),
    password: check('password', newPassword(fields.get('password')), PASSWORD_RULE),
    subscription: check(
      'subscription',
      oneOf(plans, fields.has('subscription') ? fields.get('subscription') : plans[0]),
      `must be one of: ${plans.join(', ')}`,
    ),
    country: located.country ?? check('country', country(fields.get('country')), COUNTRY_RULE),
    platform:
      located.platform ?? check('platform', platform(fields.get('platform')), PLATFORM_RULE),
  }
  return errors.length > 0 ? { ok: false, errors } : { ok: true, value }
}

/** Checks the body of a login: the types alone, since a rule would say what passwords look like. */
export const parseLogin = (
  fields: ReadonlyMap<string, unknown>,
): Parsed<{ email: string; password: string }> => {
  const errors: FieldProblem[] = []
  const check = createCheck(fields, errors)
  const value = {
    email: check('email', textOf(fields.get('email')), 'must be a string')
      .trim()
      .toLowerCase(),
    password: check('password', textOf(fields.get('password')), 'must be a string'),
  }
  return errors.length > 0 ? { ok: false, errors } : { ok: true, value }
}

/** Checks the body of a change of password: the rules are for the new one alone. */
export const parsePasswordChange = (
  fields: ReadonlyMap<string, unknown>,
): Parsed<PasswordChange> => {
  const errors: FieldProblem[] = []
  const check = createCheck(fields, errors)
  const value = {
    current: check('current_password', textOf(fields.get('current_password')), 'must be a string'),
    next: check('new_password', newPassword(fields.get('new_password')), PASSWORD_RULE),
  }
  return errors.length > 0 ? { ok: false, errors } : { ok: true, value }
}

/** What is wrong with a new password that others have used and lost. */
export const breached = (field: string): FieldProblem => ({
  field,
  detail: 'must not be one that is known from data breaches',
})

const PASSWORD_MIN_BYTES = 8

const PASSWORD_RULE = `must have ${PASSWORD_MIN_BYTES} to ${PASSWORD_MAX_BYTES} bytes of UTF-8 and no NUL`

const createCheck =
  (fields: ReadonlyMap<string, unknown>, errors: FieldProblem[]) =>
  (field: string, value: string | undefined, rule: string): string => {
    if (value !== undefined) return value
    errors.push({ field, detail: fields.has(field) ? rule : 'is required' })
    return ''
  }

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' ? value : undefined

const newPassword = (value: unknown): string | undefined => {
  const password = textOf(value)
  return password !== undefined &&
    Buffer.byteLength(password, 'utf8') >= PASSWORD_MIN_BYTES &&
    isHashable(password)
    ? password
    : undefined
}

const oneOf = (choices: readonly string[], value: unknown): string | undefined =>
  choices.find((choice) => choice === value)
