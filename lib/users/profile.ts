import { isCountry, UNKNOWN_COUNTRY } from './countries.js'

// What is known of a user beside his password: how each part is read, and the rule that it keeps.

/** An e-mail as users are found by it; `undefined` for what is none. */
export const normaliseEmail = (value: unknown): string | undefined => {
  if (typeof value !== 'string') return undefined
  const email = value.trim()
  // Checked before it is put in lower case, which makes ASCII of some letters that are not.
  if (email.length > EMAIL_LIMIT || !EMAIL.test(email)) return undefined
  // A copy of its own: what is cut out of a string keeps the whole of it in memory.
  return Buffer.from(email.toLowerCase(), 'latin1').toString('latin1')
}

/** A country code in upper case; `ZZ` for nothing, `undefined` for what is none. */
export const country = (value: unknown = UNKNOWN_COUNTRY): string | undefined => {
  // Letters first: in upper case a sharp s would become the code of another country.
  if (typeof value !== 'string' || !/^[a-z]{2}$/i.test(value)) return undefined
  const code = value.toUpperCase()
  return isCountry(code) ? code : undefined
}

/** A platform; `unknown` for nothing, `undefined` for what is none. */
export const platform = (value: unknown = 'unknown'): string | undefined =>
  typeof value === 'string' && /^[a-z0-9_-]{1,32}$/.test(value) ? value : undefined

/** A subscription as operators give it, of whatever name; `free` for nothing, `undefined` for what is none. */
export const subscription = (value: unknown = 'free'): string | undefined =>
  typeof value === 'string' && /^[\x21-\x7e]{1,64}$/.test(value) ? value : undefined

/** Whether a user is locked out; not for nothing, `undefined` for what is neither true nor false. */
export const disabled = (value: unknown = false): boolean | undefined =>
  typeof value === 'boolean' ? value : undefined

const EMAIL_LIMIT = 254

// The "valid e-mail address" of the HTML standard, which browsers check `<input type=email>` by.
const EMAIL =
  /^[a-z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/i

export const EMAIL_RULE = `must be an e-mail address of at most ${EMAIL_LIMIT} characters`
export const COUNTRY_RULE = 'must be a country code of ISO 3166-1 alpha-2'
export const PLATFORM_RULE = 'must have 1 to 32 characters of a-z, 0-9, _ and -'
export const SUBSCRIPTION_RULE = 'must have 1 to 64 visible ASCII characters'
export const DISABLED_RULE = 'must be true or false'
