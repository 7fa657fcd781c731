/** Whom a passport is made for. */
export interface PassportHolder {
  userId: string
  email: string | null
  subscription: string
  country: string
  platform: string
}

/**
 * The value of `X-Passport`: standard base64, padded, of JSON in UTF-8. The order of the keys is part
 * of the contract. `issuedAtSeconds` is the passport's own time, not the token's.
 */
export const encodePassport = (holder: PassportHolder, issuedAtSeconds: number): string =>
  encode({
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
  encode({
    user_id: null,
    email: null,
    subscription: null,
    country: null,
    platform: null,
    token_status: 'anonymous',
    issued_at: issuedAtSeconds,
  })

const encode = (passport: Record<string, string | number | null>): string =>
  Buffer.from(JSON.stringify(passport), 'utf8').toString('base64')
