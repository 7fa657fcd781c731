import { createHmac } from 'node:crypto'
import { createKeyRing, lastingSecret, type KeyRing } from '../../lib/jwt/key-ring.js'
import type { VerifyOptions } from '../../lib/jwt/checks.js'
import { verifyToken, type Verification } from '../../lib/jwt/verify.js'

export const SECRET = Buffer.from('a secret of the tests, at least 32 bytes')
export const NOW = 1_900_000_000
export const keys = createKeyRing([lastingSecret(SECRET)])

export interface VerifyWith {
  ring?: KeyRing
  issuer?: string
  audience?: string
  maxAgeSeconds?: number
  toleranceSeconds?: number
}

export const verify = (token: string, options: VerifyWith = {}): Verification => {
  return verifyToken(token, verifyOptions(options))
}

export const verifyOptions = (options: VerifyWith = {}): VerifyOptions => ({
  keys: options.ring ?? keys,
  issuer: options.issuer,
  audience: options.audience,
  maxAgeSeconds: options.maxAgeSeconds,
  nowSeconds: NOW,
  toleranceSeconds: options.toleranceSeconds ?? 0,
})

export const encode = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')
export const hmac = (
  input: string,
  hash = 'sha256',
  secret: string | Uint8Array = SECRET,
): string => createHmac(hash, secret).update(input).digest('base64url')
/** Signs any header and payload, as they are, with the right key. */
export const forge = (header: unknown, payload: unknown, hash?: string): string => {
  const input = `${encode(header)}.${encode(payload)}`
  return `${input}.${hmac(input, hash)}`
}

export const HEADER = { alg: 'HS256', typ: 'JWT', kid: keys.current.kid }
export const CLAIMS = { sub: 'user_ada', iat: NOW, exp: NOW + 60 }
export const GOOD = forge(HEADER, CLAIMS)
export const [H = '', P = '', S = ''] = GOOD.split('.')
export const TEXT = JSON.stringify(CLAIMS)
