/** Who is calling, as the gateway vouches for it. */
export interface Passport {
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
  return (
    TEXT_FIELDS.every((name) => typeof fields[name] === 'string') &&
    (fields['email'] === null || typeof fields['email'] === 'string') &&
    fields['token_status'] === 'valid' &&
    Number.isInteger(fields['issued_at'])
  )
}

const TEXT_FIELDS = ['user_id', 'subscription', 'country', 'platform'] as const
