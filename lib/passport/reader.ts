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

/**
 * Reads the `X-Passport` header of a request: takes `request.headers['x-passport']`, or the same
 * value from another framework, and gives the passport, or `undefined` when there is none or it is
 * not well-formed.
 *
 * A passport is not signed. It is worth believing because the gateway removes every other spelling
 * of the header, so a service must be reachable through the gateway alone.
 */
export const readPassport = (header: string | string[] | undefined): Passport | undefined => {
  if (typeof header !== 'string' || header.length > LIMIT_CHARACTERS) return undefined
  try {
    const bytes = Buffer.from(header, 'base64')
    if (bytes.toString('base64') !== header) return undefined // Buffer.from takes anything
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
    return isPassport(value) ? value : undefined
  } catch {
    return undefined
  }
}

const LIMIT_CHARACTERS = 16_384

const isPassport = (value: unknown): value is Passport => {
  if (typeof value !== 'object' || value === null) return false
  const fields = value as Record<string, unknown>
  const { token_status: status, email } = fields
  if (!Number.isInteger(fields['issued_at'])) return false
  if (status === 'anonymous')
    return email === null && TEXT_FIELDS.every((name) => fields[name] === null)
  return (
    status === 'valid' &&
    (email === null || typeof email === 'string') &&
    TEXT_FIELDS.every((name) => typeof fields[name] === 'string')
  )
}

const TEXT_FIELDS = ['user_id', 'subscription', 'country', 'platform'] as const
