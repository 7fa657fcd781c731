import type { Claims } from '../jwt/claims.js'
import type { RingKey } from '../jwt/key-ring.js'
import { encodePassport } from '../passport/passport.js'
import { encodeSegment } from '../passport/segment.js'
import { stampPassport, type Signer, type Stamp } from '../passport/signer.js'

/** A user whose token was verified, and what the service behind is told of him. */
export interface Caller {
  readonly userId: string
  readonly tokenId: string
  /** When the token was issued, in Unix milliseconds. */
  readonly issuedAtMs: number
  /** From when on the token is refused for its age, in Unix seconds: its `exp`, and skew forgiven. */
  readonly expSeconds: number
  /** The key that has signed the token. */
  readonly key: RingKey
  /** Until when token and key are good, in Unix seconds, as long as the ring stays as it is. */
  readonly validUntilSeconds: number
  readonly claims: Claims
  /** The value of `X-Proxy-State`. */
  readonly segment: string
  /** What vouches for the caller, made once a second. */
  stamp(nowSeconds: number): Stamp
  /** Calls `onEnd` once, when the token ends or if it has; gives what stops the watch. */
  watch(onEnd: (end: TokenEnd) => void): () => void
}

/** What can become of a token that was good. */
export type TokenEnd = 'expired' | 'revoked'

export interface VerifiedToken {
  claims: Claims
  key: RingKey
  /** When the key ceases to verify, in Unix seconds. */
  keyUntilSeconds: number
  /** Clock skew forgiven, in seconds. */
  toleranceSeconds: number
  /** `undefined` where passports are not signed. */
  signer: Signer | undefined
  /** Watches over what is open with the token. */
  watch: (caller: Caller, onEnd: (end: TokenEnd) => void) => () => void
}

export const createCaller = (token: VerifiedToken): Caller => {
  const { claims, key, keyUntilSeconds, toleranceSeconds, signer } = token
  const expSeconds = claims.expSeconds + toleranceSeconds
  let madeAtSeconds = -1
  let madeWith: object | undefined
  let stamp: Stamp
  const segment = encodeSegment(claims)
  const caller: Caller = {
    userId: claims.userId,
    tokenId: claims.tokenId,
    issuedAtMs: claims.issuedAtMs,
    expSeconds,
    key,
    validUntilSeconds: Math.min(expSeconds, keyUntilSeconds),
    claims,
    segment,
    stamp: (nowSeconds) => {
      if (nowSeconds !== madeAtSeconds || signer?.signsWith !== madeWith) {
        stamp = stampPassport(encodePassport(claims, nowSeconds), segment, signer)
        madeAtSeconds = nowSeconds
        madeWith = signer?.signsWith
      }
      return stamp
    },
    watch: (onEnd) => token.watch(caller, onEnd),
  }
  return caller
}
