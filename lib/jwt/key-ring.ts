import { createHmac, createSecretKey, type KeyObject } from 'node:crypto'

/** A secret of a ring, as it is configured. */
export interface Secret {
  /** How a token points to it: 1 to 64 of A-Z, a-z, 0-9, `.`, `_` and `-`. */
  kid: string
  /** At least 32 bytes (RFC 7518 Section 3.2). */
  secret: Uint8Array
  /** From this moment on it verifies nothing, in Unix seconds; `Infinity` for never. */
  notAfterSeconds: number
}

/** One HMAC key and the public name by which a token points to it. */
export interface RingKey {
  readonly kid: string
  readonly key: KeyObject
}

/** The keys that tokens are signed and verified with. */
export interface KeyRing {
  /** Signs what is new. */
  readonly current: RingKey
  /** The keys that may have signed a token: the one named `kid`, or all when it names none. */
  candidates(kid: string | undefined, nowSeconds: number): readonly RingKey[]
  /** The key of that name; `undefined` when there is none (any more). */
  find(kid: string): RingKey | undefined
  /** Until when a key verifies, in Unix seconds; 0 when it is none of the ring (any more). */
  validUntilSeconds(key: RingKey): number
  /** Puts other secrets in place of these. */
  replace(secrets: readonly Secret[]): void
  /** Goes up with each replacement. */
  readonly version: number
}

/** The least an HMAC key may have, in bytes (RFC 7518 Section 3.2). */
export const SECRET_MIN_BYTES = 32

/** Names a secret by eight bytes of a digest that tells nothing of it. */
export const kidOf = (secret: Uint8Array): string =>
  createHmac('sha256', secret)
    .update('passport-gateway kid')
    .digest()
    .subarray(0, 8)
    .toString('base64url')

/** A secret that is named by itself, and good for ever. */
export const lastingSecret = (secret: Uint8Array): Secret => ({
  kid: kidOf(secret),
  secret,
  notAfterSeconds: Infinity,
})

/**
 * Builds a ring: the first secret signs, every one verifies. There is at least one, and no `kid`
 * comes twice.
 * @throws RangeError for a secret of fewer than 32 bytes
 */
export const createKeyRing = (secrets: readonly Secret[]): KeyRing => {
  let entries = secrets.map(createEntry)
  let version = 0
  return {
    get current() {
      return entries[0] as Entry // there is at least one
    },
    candidates: (kid, nowSeconds) =>
      entries.filter(
        (entry) => (kid === undefined || kid === entry.kid) && nowSeconds < entry.notAfterSeconds,
      ),
    find: (kid) => entries.find((entry) => entry.kid === kid),
    validUntilSeconds: (key) =>
      entries.find((entry) => entry.kid === key.kid && entry.key.equals(key.key))
        ?.notAfterSeconds ?? 0,
    replace: (others) => {
      entries = others.map(createEntry)
      version++
    },
    get version() {
      return version
    },
  }
}

interface Entry extends RingKey {
  notAfterSeconds: number
}

const createEntry = ({ kid, secret, notAfterSeconds }: Secret): Entry => {
  if (secret.byteLength < SECRET_MIN_BYTES)
    throw new RangeError(`a secret must have at least ${SECRET_MIN_BYTES} bytes`)
  return { kid, key: createSecretKey(secret), notAfterSeconds }
}
