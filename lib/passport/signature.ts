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
  request?: BoundRequest
}

/** A key and the public name by which a signature points to it. */
export interface SignatureKey {
  /** 1 to 64 characters of A-Z, a-z, 0-9, `.`, `_` and `-`; see `isKeyId`. */
  kid: string
  /** Of `deriveSignatureKey`. */
  key: KeyObject
}

/** The least a secret may have, in bytes. */
export const SECRET_MIN_BYTES = 32

/**
 * The HMAC key of a secret: HKDF-SHA-256 (RFC 5869) without salt, so that the same secret, used
 * elsewhere for something else, makes other keys.
 * @throws RangeError for a secret of fewer than 32 bytes
 */
export const deriveSignatureKey = (secret: Uint8Array | KeyObject): KeyObject => {
  const bytes = secret instanceof Uint8Array ? secret.byteLength : (secret.symmetricKeySize ?? 0)
  if (bytes < SECRET_MIN_BYTES)
    throw new RangeError(`a passport secret must have at least ${SECRET_MIN_BYTES} bytes`)
  return createSecretKey(Buffer.from(hkdfSync('sha256', secret, '', KEY_INFO, 32)))
}

const KEY_INFO = 'passport-gateway passport signature v1'

/**
 * The value of `X-Passport-Signature`. Trusts what it is given: no part may hold a line break, which
 * no header value and no request target can.
 */
export const signPassport = ({ kid, key }: SignatureKey, content: SignedContent): string =>
  `v=1; kid=${kid}; s=${passportMac(key, kid, content).toString('base64url')}`

/** HMAC-SHA-256 of the signed lines: four, or six when the signature is bound to a request. */
export const passportMac = (key: KeyObject, kid: string, content: SignedContent): Buffer => {
  const { passport, segment, request } = content
  const bound = request === undefined ? '' : `\n${request.method}\n${request.path}`
  return createHmac('sha256', key)
    .update(`passport-gateway passport v1\n${kid}\n${passport}\n${segment}${bound}`)
    .digest()
}

/** Whether `text` can name a key. */
export const isKeyId = (text: string): boolean => /^[A-Za-z0-9._-]{1,64}$/.test(text)
