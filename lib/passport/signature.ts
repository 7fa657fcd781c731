import { createHmac, createSecretKey, hkdfSync, type KeyObject } from 'node:crypto'

/** The request that a signature is bound to, as the service receives it. */
export interface BoundRequest {
  method: string
  /** The request target: the path with its query, byte for byte. */
  path: string
}

/** What a signature covers. */
export interface SignedContent {
  /** The exact value of `X-Passport`. */
  passport: string
  /** The exact value of `X-Proxy-State`. */
  segment: string
  /** Absent when the signature is good for any request. */
  request?: BoundRequest | undefined
}

/** A key and the public name by which a signature points to it. */
export interface SignatureKey {
  /** 1 to 64 characters of A-Z, a-z, 0-9, `.`, `_` and `-`; see `isKeyId`. */
  kid: string
  /** Of `deriveSignatureKey`. */
  key: KeyObject
}

/** At least 32 bytes; of text those of its UTF-8 count. */
export type Secret = string | Uint8Array | KeyObject

/**
 * The HMAC key of a secret: HKDF-SHA-256 (RFC 5869) without salt, so that the same secret, used
 * elsewhere for something else, makes other keys.
 * @throws RangeError for a secret that is missing or has fewer than 32 bytes
 */
export const deriveSignatureKey = (secret: Secret | undefined): KeyObject => {
  const input = typeof secret === 'string' ? Buffer.from(secret) : secret
  const bytes = input instanceof Uint8Array ? input.byteLength : input?.symmetricKeySize
  if (!input || !bytes || bytes < 32)
    throw new RangeError('a passport secret has at least 32 bytes')
  return createSecretKey(Buffer.from(hkdfSync('sha256', input, '', INFO, 32)))
}

const INFO = 'passport-gateway passport signature v1'

/**
 * The value of `X-Passport-Signature`. Trusts what it is given: no part may hold a line break, which
 * no header value and no request target can.
 */
export const signPassport = ({ kid, key }: SignatureKey, content: SignedContent): string =>
  `v=1; kid=${kid}; s=${passportMac(key, kid, content)}`

/** HMAC-SHA-256 of the signed lines, four or for a bound signature six, as base64url. */
export const passportMac = (key: KeyObject, kid: string, content: SignedContent): string => {
  const { passport, segment, request } = content
  const bound = request ? `\n${request.method}\n${request.path}` : ''
  return createHmac('sha256', key)
    .update(`passport-gateway passport v1\n${kid}\n${passport}\n${segment}${bound}`)
    .digest('base64url')
}

/** Whether `text` can name a key. */
export const isKeyId = (text: string): boolean => /^[\w.-]{1,64}$/.test(text)
