import { valuesOf, type RawHeaders } from '../http/headers.js'

/**
 * Reads `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header-07): 1 to 255 visible ASCII
 * characters, as a quoted string (RFC 8941 Section 3.3.3) or bare. `undefined` when there is none,
 * `null` when it is malformed or sent twice.
 */
export const parseIdempotencyKey = (raw: RawHeaders): string | null | undefined => {
  const values = valuesOf(raw, 'idempotency-key')
  const [value] = values
  if (value === undefined) return undefined
  if (values.length > 1) return null
  const key = value.startsWith('"') ? unquote(value) : value
  return key !== undefined && /^[\x21-\x7e]{1,255}$/.test(key) ? key : null
}

const unquote = (value: string): string | undefined =>
  /^"((?:[^"\\]|\\["\\])*)"$/.exec(value)?.[1]?.replace(/\\(["\\])/g, '$1')
