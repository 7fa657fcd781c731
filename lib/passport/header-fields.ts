/**
 * The header fields of a request: names and values in turn, as node's `rawHeaders`; or an object, as
 * node's `headers`, in any letter case. The `Headers` of fetch: `Object.fromEntries(headers)`.
 */
export type PassportHeaders =
  readonly string[] | Readonly<Record<string, string | readonly string[] | undefined>>

export type FieldRejection = 'missing' | 'unsigned' | 'duplicate' | 'too_long' | 'malformed'

type Field = { value: string; reason?: never } | { value?: never; reason: FieldRejection }

/**
 * Finds the one value of a field; `name` is in lower case, `absent` the reason when there is none.
 * None of our fields can hold a comma.
 */
export const readField = (
  headers: PassportHeaders,
  name: string,
  absent: FieldRejection = 'missing',
): Field => {
  const [value, ...more] = valuesOf(headers, name)
  if (value === undefined) return { reason: absent }
  if (more.length > 0 || typeof value !== 'string' || value.includes(','))
    return { reason: 'duplicate' }
  if (value.length > LIMIT) return { reason: 'too_long' }
  // A line break, which some source other than HTTP could have, would shift the lines that are signed.
  return /^[\x20-\x7e]+$/.test(value) ? { value } : { reason: 'malformed' }
}

const LIMIT = 16_384 // characters

const valuesOf = (headers: PassportHeaders, name: string): unknown[] => {
  const isName = (key = ''): boolean => key.length === name.length && key.toLowerCase() === name
  if (Array.isArray(headers)) return headers.filter((_, i) => i % 2 === 1 && isName(headers[i - 1]))
  return Object.keys(headers)
    .filter(isName)
    .map((key) => (headers as Record<string, unknown>)[key])
}
