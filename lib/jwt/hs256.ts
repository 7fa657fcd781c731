import { hash, timingSafeEqual, type KeyObject } from 'node:crypto'

/**
 * The HMAC-SHA-256 of a JWS signing input (RFC 7518 Section 3.2), as base64url: by the definition of HMAC
 * (RFC 2104 Section 2) over `hash`, which leaves nothing for the garbage collector to finalize, as each
 * `Hmac` does; that costs several times as much as to make it.
 */
export const hs256 = (key: KeyObject, signingInput: string): string => {
  const { inner, outer } = padsOf(key)
  const longest = BLOCK_BYTES + signingInput.length * MOST_BYTES_A_CHARACTER
  const message = longest > shared.length ? Buffer.alloc(longest) : shared
  inner.copy(message)
  const bytes = BLOCK_BYTES + message.write(signingInput, BLOCK_BYTES)
  outer.copy(digested)
  digested.write(hash('sha256', message.subarray(0, bytes), 'binary'), BLOCK_BYTES, 'latin1')
  return hash('sha256', digested, 'base64url')
}

/** Whether a text is the one spelling of 32 bytes in base64url: its last character has but four bits. */
export const couldBeHs256 = (text: string): boolean => /^[\w-]{42}[AEIMQUYcgkosw048]$/.test(text)

/** Whether a text that could be is the signature of this key, compared in constant time. */
export const isSignedWith = (key: KeyObject, signingInput: string, signature: string): boolean => {
  expected.write(hs256(key, signingInput), 'latin1')
  given.write(signature, 'latin1')
  return timingSafeEqual(given, expected)
}

// Of SHA-256, in bytes.
const BLOCK_BYTES = 64
const DIGEST_BYTES = 32
const MOST_BYTES_A_CHARACTER = 3
// Used for one signature after the other.
const shared = Buffer.alloc(32_768)
const digested = Buffer.alloc(BLOCK_BYTES + DIGEST_BYTES)
const expected = Buffer.alloc(43)
const given = Buffer.alloc(43)

/** A key as the two hashes begin with it. */
interface Pads {
  inner: Buffer
  outer: Buffer
}

const padsOf = (key: KeyObject): Pads => {
  const known = knownPads.get(key)
  if (known) return known
  const secret = key.export()
  const bytes = secret.length > BLOCK_BYTES ? hash('sha256', secret, 'buffer') : secret
  // Of memory that no other buffer of the program is a part of.
  const pads = { inner: Buffer.alloc(BLOCK_BYTES, 0x36), outer: Buffer.alloc(BLOCK_BYTES, 0x5c) }
  for (const pad of [pads.inner, pads.outer])
    for (const [i, byte] of bytes.entries()) pad[i] = (pad[i] as number) ^ byte // no longer than it
  for (const copy of [secret, bytes]) copy.fill(0)
  knownPads.set(key, pads)
  return pads
}

const knownPads = new WeakMap<KeyObject, Pads>()
