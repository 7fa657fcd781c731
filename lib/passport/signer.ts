import type { KeyObject } from 'node:crypto'
import {
  deriveSignatureKey,
  signPassport,
  type BoundRequest,
  type SignatureKey,
} from './signature.js'

/** Signs what the gateway vouches for. */
export interface Signer {
  /** Whether each request needs a signature of its own. */
  readonly isBound: boolean
  /** What signs at present: another object once another secret does. */
  readonly signsWith: object
  /** The value of `X-Passport-Signature`; `request` is given where `isBound`. */
  sign(passport: string, segment: string, request?: BoundRequest): string
}

/** The secret that signs at present; another may take its place at any time. */
export interface SignerKeys {
  readonly current: { readonly kid: string; readonly key: KeyObject }
}

export const createSigner = (keys: SignerKeys, bind: 'none' | 'request'): Signer => {
  let secret: SignerKeys['current'] | undefined
  let derived: SignatureKey | undefined

  const currentKey = (): SignatureKey => {
    const { current } = keys
    if (derived && current === secret) return derived
    secret = current
    derived = { kid: current.kid, key: deriveSignatureKey(current.key) }
    return derived
  }

  return {
    isBound: bind === 'request',
    get signsWith() {
      return keys.current
    },
    sign: (passport, segment, request) =>
      signPassport(currentKey(), { passport, segment, ...(request && { request }) }),
  }
}

/** What vouches for a caller, as far as it is the same for all his requests. */
export interface Stamp {
  /** The value of `X-Passport`. */
  readonly passport: string
  /** The value of `X-Passport-Signature`; `undefined` where there is none, or each request has its own. */
  readonly signature: string | undefined
}

/** Signs a passport, unless each request needs a signature of its own or there is no signer. */
export const stampPassport = (
  passport: string,
  segment: string,
  signer: Signer | undefined,
): Stamp => ({
  passport,
  signature: signer && !signer.isBound ? signer.sign(passport, segment) : undefined,
})
