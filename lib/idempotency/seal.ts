import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  hkdfSync,
  randomBytes,
  type KeyObject,
} from 'node:crypto'
import type { SealedAnswer } from './idempotency-store.js'

/** Makes what rests in a store unreadable there. */
export interface Sealer {
  /** Names a key, and holds an HMAC-SHA-256 of a payload, which may hold a password. */
  fingerprint(payload: Uint8Array): string
  /** Whether a fingerprint is of this payload; not so either where its key is known no more. */
  isOf(fingerprint: string, payload: Uint8Array): boolean
  /** Encrypts with AES-256-GCM under the key of `fingerprint`, bound to `key`. */
  seal(key: string, fingerprint: string, plain: string): SealedAnswer
  /** Throws when the answer was changed, or belongs to another key or fingerprint. */
  open(key: string, fingerprint: string, answer: SealedAnswer): string
}

/** The secrets from which keys are derived; another current one may come at any time. */
export interface SealKeys {
  readonly current: SealKey
  find(kid: string): SealKey | undefined
}

interface SealKey {
  readonly kid: string
  readonly key: KeyObject
}

interface Derived {
  from: KeyObject
  fingerprintKey: Uint8Array
  sealKey: Uint8Array
}

/** Derives keys from the secrets (HKDF, RFC 5869), one for each purpose. */
export const createSealer = (keys: SealKeys): Sealer => {
  // Kept when the secret goes: what was sealed with it can still be given again. In the order in which
  // they were derived; one that is forgotten and still in the ring is derived anew.
  const known = new Map<string, Derived>()

  const derive = ({ kid, key }: SealKey): Derived => {
    const before = known.get(kid)
    if (before?.from.equals(key)) return before
    const expand = (purpose: string): Uint8Array =>
      new Uint8Array(hkdfSync('sha256', key, '', `passport-gateway ${purpose}`, KEY_BYTES))
    const derived: Derived = {
      from: key,
      fingerprintKey: expand('idempotency fingerprint'),
      sealKey: expand('idempotency answer'),
    }
    known.set(kid, derived)
    if (known.size > LIMIT_KNOWN) known.delete(known.keys().next().value as string) // not empty
    return derived
  }

  const derivedFor = (fingerprint: string): Derived | undefined => {
    const kid = fingerprint.slice(0, fingerprint.lastIndexOf('.'))
    const key = keys.find(kid)
    return key ? derive(key) : known.get(kid)
  }

  const fingerprintWith = (derived: Derived, kid: string, payload: Uint8Array): string =>
    `${kid}.${createHmac('sha256', derived.fingerprintKey).update(payload).digest('base64url')}`

  const sealKeyOf = (fingerprint: string): Uint8Array => {
    const derived = derivedFor(fingerprint)
    if (!derived) throw new Error('the key of a fingerprint is not known')
    return derived.sealKey
  }

  return {
    fingerprint: (payload) => {
      const { current } = keys
      return fingerprintWith(derive(current), current.kid, payload)
    },

    isOf: (fingerprint, payload) => {
      const derived = derivedFor(fingerprint)
      const kid = fingerprint.slice(0, fingerprint.lastIndexOf('.'))
      // Both are HMACs under a key of ours: comparing them early tells nothing of a payload.
      return derived !== undefined && fingerprint === fingerprintWith(derived, kid, payload)
    },

    seal: (key, fingerprint, plain) => {
      const nonce = randomBytes(NONCE_BYTES)
      const cipher = createCipheriv('aes-256-gcm', sealKeyOf(fingerprint), nonce)
      cipher.setAAD(Buffer.from(`${fingerprint} ${key}`))
      const body = [nonce, cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()]
      // A copy of its own: a slice of node's shared pool would keep the whole pool in memory.
      return { bytes: new Uint8Array(Buffer.concat(body)) }
    },

    open: (key, fingerprint, { bytes }) => {
      const nonce = bytes.subarray(0, NONCE_BYTES)
      const tag = bytes.subarray(-TAG_BYTES)
      const decipher = createDecipheriv('aes-256-gcm', sealKeyOf(fingerprint), nonce, {
        authTagLength: TAG_BYTES,
      })
      decipher.setAAD(Buffer.from(`${fingerprint} ${key}`)).setAuthTag(tag)
      const body = decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES))
      return Buffer.concat([body, decipher.final()]).toString('utf8')
    },
  }
}

const LIMIT_KNOWN = 100
const KEY_BYTES = 32
const NONCE_BYTES = 12
const TAG_BYTES = 16
