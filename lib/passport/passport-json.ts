/** Who is calling, as the gateway vouches for it; `token_status` tells the two kinds apart. */
export type Passport = UserPassport | AnonymousPassport

/** Of a user whose token was verified. */
export interface UserPassport {
  user_id: string
  /** `null` when the token, minted elsewhere, names none. */
  email: string | null
  subscription: string
  /** ISO 3166-1 alpha-2; `ZZ` when unknown. */
  country: string
  platform: string
  token_status: 'valid'
  /** When the gateway made this passport, in Unix seconds. */
  issued_at: number
}

/** Of a caller without a token, on a route that requires none. */
export interface AnonymousPassport {
  user_id: null
  email: null
  subscription: null
  country: null
  platform: null
  token_status: 'anonymous'
  /** When the gateway made this passport, in Unix seconds. */
  issued_at: number
}

/** What an anonymous passport says. */
export const NOBODY = {
  user_id: null,
  email: null,
  subscription: null,
  country: null,
  platform: null,
  token_status: 'anonymous',
} as const

/**
 * Standard base64, padded, of JSON in UTF-8. The order of the keys is part of the contract: that in
 * which `Passport` declares them.
 */
export const encodeFields = (passport: Passport): string =>
  Buffer.from(JSON.stringify(passport)).toString('base64')

/**
 * Reads a value of `X-Passport`; `undefined` when it is not exactly what `encodePassport` makes, but
 * for fields beyond those known here: they are allowed, and left out.
 */
export const decodePassport = (value: string): Passport | undefined => {
  try {
    const bytes = Buffer.from(value, 'base64')
    if (bytes.toString('base64') !== value) return undefined // Buffer.from takes anything
    const fields = JSON.parse(utf8.decode(bytes)) as Record<string, unknown> // or null, which throws
    const { user_id, email, subscription, country, platform, token_status, issued_at } = fields
    const texts = [user_id, subscription, country, platform]
    const isUser =
      token_status === 'valid' &&
      texts.every((text) => text && typeof text === 'string') &&
      (email === null || typeof email === 'string')
    const isNobody = token_status === 'anonymous' && [...texts, email].every((it) => it === null)
    return Number.isSafeInteger(issued_at) && (isUser || isNobody)
      ? ({ user_id, email, subscription, country, platform, token_status, issued_at } as Passport)
      : undefined
  } catch {
    return undefined
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
