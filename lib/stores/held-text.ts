/**
 * A string as an SQL database can hold it: a NUL, which it does not take or which ends a text, and half
 * a surrogate pair, which UTF-8 cannot express, are escaped, so that no two strings become one.
 */
export const toText = (text: string): string =>
  text.replace(
    /[\0\uFFFE\p{Surrogate}]/gu,
    (unit) => `\uFFFE${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )

/** The string of which `toText` made this; it comes from a column that holds text. */
export const fromText = (text: unknown): string =>
  (text as string).replace(/\uFFFE([0-9a-f]{4})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  )
