/** Encodes a text, as UTF-8, as base64url without padding (RFC 7515 Section 2). */
export const encodeBase64url = (text: string): string =>
  Buffer.from(text, 'utf8').toString('base64url')

/**
 * Whether a text is base64url in the one canonical spelling: without padding, the standard alphabet, white
 * space, or stray bits in the last character. Of more than 8192 bytes none is.
 */
export const isBase64url = (text: string): boolean => decodedBytes(text) !== undefined

/** The text that stands in canonical base64url; `undefined` for anything else, and for what is no UTF-8. */
export const decodeBase64url = (text: string): string | undefined => {
  const bytes = decodedBytes(text)
  if (bytes === undefined) return undefined
  const decoded = shared.toString('utf8', 0, bytes)
  // What is no UTF-8 was replaced by this; it may have stood there, too.
  return decoded.includes('\ufffd') ? decodeStrictly(shared.subarray(0, bytes)) : decoded
}

/** Decodes into the shared memory; gives how many bytes that are. */
const decodedBytes = (text: string): number | undefined => {
  const bytes = shared.write(text, 'base64url')
  // To write never fails; only what encodes back to the same text was base64url.
  return shared.toString('base64url', 0, bytes) === text ? bytes : undefined
}

const decodeStrictly = (bytes: Uint8Array): string | undefined => {
  try {
    return utf8.decode(bytes)
  } catch {
    return undefined
  }
}

// Used for one text after the other.
const shared = Buffer.alloc(8192)
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
