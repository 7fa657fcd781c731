import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto'
import type { SealedAnswer } from './idempotency-store.js'

/** Makes what rests in a store unreadable there. */
export interface Sealer {
  /** An HMAC-SHA-256 of a payload, which may hold a password. */
  fingerprint(payload: Uint8Array): string
  /** Encrypts with AES-256-GCM, bound to `key`. */
  seal(key: string, plain: string): SealedAnswer
  /** Throws when the answer was changed or belongs to another key. */
  open(key: string, answer: SealedAnswer): string
}

/** Derives its keys from `secret` (HKDF, RFC 5869), one for each purpose. */
export const createSealer = (secret: Uint8Array): Sealer => {
  const derive = (purpose: string): Uint8Array =>
    new Uint8Array(hkdfSync('sha256', secret, '', `passport-gateway ${purpose}`, KEY_BYTES))
  const fingerprintKey = derive('idempotency fingerprint')
  const sealKey = derive('idempotency answer')
  return {
    fingerprint: (payload) =>
      createHmac('sha256', fingerprintKey).update(payload).digest('base64url'),

    seal: (key, plain) => {
      const nonce = randomBytes(NONCE_BYTES)
      const cipher = createCipheriv('aes-256-gcm', sealKey, nonce).setAAD(Buffer.from(key))
      const body = [nonce, cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()]
      // A copy of its own: a slice of node's shared pool would keep the whole pool in memory.
      return { bytes: new Uint8Array(Buffer.concat(body)) }
    },

    open: (key, { bytes }) => {
      const nonce = bytes.subarray(0, NONCE_BYTES)
      const tag = bytes.subarray(-TAG_BYTES)
      const decipher = createDecipheriv('aes-256-gcm', sealKey, nonce, { authTagLength: TAG_BYTES })
      decipher.setAAD(Buffer.from(key)).setAuthTag(tag)
      const body = decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES))
      return Buffer.concat([body, decipher.final()]).toString('utf8')
    },
  }
}

const KEY_BYTES = 32
const NONCE_BYTES = 12
const TAG_BYTES = 16
