import type { Claims } from '../jwt/claims.js'
import { encodePassport } from '../passport/passport.js'
import { encodeSegment } from '../passport/segment.js'

/** A user whose token was verified, and what the service behind is told of him. */
export interface Caller {
  readonly userId: string
  /** When the token expires, in Unix seconds. */
  readonly expSeconds: number
  /** The value of `X-Proxy-State`. */
  readonly segment: string
  /** The value of `X-Passport`, made once a second. */
  passport(nowSeconds: number): string
}

export const createCaller = (claims: Claims): Caller => {
  let madeAtSeconds = -1
  let passport = ''
  return {
    userId: claims.userId,
    expSeconds: claims.expSeconds,
    segment: encodeSegment(claims),
    passport: (nowSeconds) => {
      if (nowSeconds !== madeAtSeconds) {
        passport = encodePassport(claims, nowSeconds)
        madeAtSeconds = nowSeconds
      }
      return passport
    },
  }
}
