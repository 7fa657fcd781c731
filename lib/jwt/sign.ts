import { encodeBase64url } from './base64url.js'
import { hs256 } from './hs256.js'
import type { KeyRing } from './key-ring.js'

/** Signs `claims` with the current key: a compact JWS (RFC 7515 Section 3.1) of `typ` JWT. */
export const signToken = (keys: KeyRing, claims: Record<string, unknown>): string => {
  const { kid, key } = keys.current
  const header = encodeBase64url(JSON.stringify({ alg: 'HS256', typ: 'JWT', kid }))
  const signingInput = `${header}.${encodeBase64url(JSON.stringify(claims))}`
  return `${signingInput}.${hs256(key, signingInput)}`
}
