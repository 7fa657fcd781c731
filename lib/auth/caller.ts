import { digestOf, type Claims } from '../jwt/claims.js'
import type { RingKey } from '../jwt/key-ring.js'
import { encodePassport } from '../passport/passport.js'
import { encodeSegment } from '../passport/segment.js'
import { stampPassport, type Signer, type Stamp } from '../passport/signer.js'

/** What can become of a token that was good. */
export type TokenEnd = 'expired' | 'revoked'

export interface VerifiedToken {
  token: string
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

/** A user whose token was verified, and what the service behind is told of him. */
export class Caller {
  readonly userId: string
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
  readonly #token: string
  readonly #signer: Signer | undefined
  readonly #watch: VerifiedToken['watch']
  #tokenId: string | undefined
  #stamp: Stamp | undefined
  #madeAtSeconds = -1
  #madeWith: object | undefined

  constructor(verified: VerifiedToken) {
    const { claims } = verified
    this.userId = claims.userId
    this.issuedAtMs = claims.issuedAtMs
    this.expSeconds = claims.expSeconds + verified.toleranceSeconds
    this.key = verified.key
    this.validUntilSeconds = Math.min(this.expSeconds, verified.keyUntilSeconds)
    this.claims = claims
    this.segment = encodeSegment(claims)
    this.#token = verified.token
    this.#signer = verified.signer
    this.#watch = verified.watch
  }

  /** The `jti` of a token of the gateway's own; of any other a digest. A copy would not have it. */
  get tokenId(): string {
    return (this.#tokenId ??= this.claims.ownId ?? digestOf(this.#token))
  }

  /** What vouches for the caller, made once a second. */
  stamp(nowSeconds: number): Stamp {
    const signer = this.#signer
    if (this.#stamp && nowSeconds === this.#madeAtSeconds && signer?.signsWith === this.#madeWith)
      return this.#stamp
    this.#madeAtSeconds = nowSeconds
    this.#madeWith = signer?.signsWith
    return (this.#stamp = stampPassport(
      encodePassport(this.claims, nowSeconds),
      this.segment,
      signer,
    ))
  }

  /** Calls `onEnd` once, when the token ends or if it has; gives what stops the watch. */
  watch(onEnd: (end: TokenEnd) => void): () => void {
    return this.#watch(this, onEnd)
  }
}
