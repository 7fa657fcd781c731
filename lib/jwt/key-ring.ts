import { createHmac, createSecretKey, type KeyObject } from 'node:crypto'

/** One HMAC key and the public name by which a token points to it. */
interface SigningKey {
  kid: string
  key: KeyObject
}

/** The keys that tokens are signed and verified with. */
export interface KeyRing {
  /** Signs what is new. */
  readonly current: SigningKey
  /** The keys that may have signed a token: those named `kid`, or all when it has none. */
  candidates(kid: string | undefined): readonly SigningKey[]
}

/** The least an HMAC key may have, in bytes (RFC 7518 Section 3.2). */
export const SECRET_MIN_BYTES = 32

/**
 * Builds a ring of one secret, named by eight bytes of a digest that tells nothing of it.
 * @throws RangeError for a secret of fewer than 32 bytes
 */
export const createKeyRing = (secret: Uint8Array): KeyRing => {
  if (secret.byteLength < SECRET_MIN_BYTES)
    throw new RangeError(`the JWT secret must have at least ${SECRET_MIN_BYTES} bytes`)
  const kid = createHmac('sha256', secret)
    .update('passport-gateway kid')
    .digest()
    .subarray(0, 8)
    .toString('base64url')
  const current: SigningKey = { kid, key: createSecretKey(secret) }
  const all = [current]
  return {
    current,
    candidates: (wanted) => (wanted === undefined || wanted === kid ? all : []),
  }
}
