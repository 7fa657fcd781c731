import { decodeBase64url } from './base64url.js'

export type JsonObject = Readonly<Record<string, unknown>>

/** Reads base64url of a JSON object in UTF-8; `undefined` for anything else. */
export const parseJsonObject = (part: string): JsonObject | undefined => {
  const text = decodeBase64url(part)
  if (text === undefined) return undefined
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
    // Without a prototype, no name in a token can reach what every object inherits.
    return Object.setPrototypeOf(value, null) as JsonObject
  } catch {
    return undefined
  }
}

/**
 * The same, but what is what it read last is not read anew: whoever mints tokens gives all of them one
 * header.
 */
export const createHeaderReader = (): typeof parseJsonObject => {
  let lastPart: string | undefined
  let last: JsonObject | undefined
  return (part) => {
    if (part !== lastPart) {
      last = parseJsonObject(part)
      lastPart = part
    }
    return last
  }
}
