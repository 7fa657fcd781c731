import { encodeFields, NOBODY } from './passport-json.js'

/** Whom a passport is made for. */
export interface PassportHolder {
  userId: string
  email: string | null
  subscription: string
  country: string
  platform: string
}

/**
 * The value of `X-Passport` for a user. `issuedAtSeconds` is the passport's own time, not the
 * token's.
 */
export const encodePassport = (holder: PassportHolder, issuedAtSeconds: number): string =>
  encodeFields({
    user_id: holder.userId,
    email: holder.email,
    subscription: holder.subscription,
    country: holder.country,
    platform: holder.platform,
    token_status: 'valid',
    issued_at: issuedAtSeconds,
  })

/** The passport of a caller without a token, where none is required: nothing is known of him. */
export const encodeAnonymousPassport = (issuedAtSeconds: number): string =>
  encodeFields({ ...NOBODY, issued_at: issuedAtSeconds })
