/** Encodes a text, as UTF-8, as base64url without padding (RFC 7515 Section 2). */
export const encodeBase64url = (text: string): string =>
  Buffer.from(text, 'utf8').toString('base64url')

/**
 * Decodes base64url, or gives `undefined` for anything that is not the one canonical spelling:
 * padding, the standard alphabet, white space, stray bits in the last character.
 */
export const decodeBase64url = (text: string): Buffer | undefined => {
  const bytes = Buffer.from(text, 'base64url')
  // Buffer.from never fails; only what encodes back to the same text was base64url.
  return bytes.toString('base64url') === text ? bytes : undefined
}
