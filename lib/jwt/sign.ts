import { createHmac, type KeyObject } from 'node:crypto'
import { encodeBase64url } from './base64url.js'
import type { KeyRing } from './key-ring.js'

/** The HMAC-SHA-256 of a JWS signing input (RFC 7518 Section 3.2). */
export const hs256 = (key: KeyObject, signingInput: string): Buffer =>
  createHmac('sha256', key).update(signingInput).digest()

/** Signs `claims` with the current key: a compact JWS (RFC 7515 Section 3.1) of `typ` JWT. */
export const signToken = (keys: KeyRing, claims: Record<string, unknown>): string => {
  const { kid, key } = keys.current
  const header = encodeBase64url(JSON.stringify({ alg: 'HS256', typ: 'JWT', kid }))
  const signingInput = `${header}.${encodeBase64url(JSON.stringify(claims))}`
  return `${signingInput}.${encodeBase64url(hs256(key, signingInput))}`
}
