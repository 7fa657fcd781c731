/** What a verified token says of its user. */
export interface Claims {
  /** `sub`, or `user_id` where there is no `sub`. */
  userId: string
  email: string | null
  subscription: string
  country: string
  platform: string
  /** The moment from which the token is worth nothing, in Unix seconds. */
  expSeconds: number
}

/** What stands in for a claim that a foreign token does not have. */
const ABSENT = {
  email: null,
  subscription: 'free',
  country: 'ZZ',
  platform: 'unknown',
} as const

/** Whether a string pairs its surrogates, so that UTF-8 can carry it. */
export const isWellFormed = (text: string): boolean => !/\p{Surrogate}/u.test(text)

/** Reads the claims that name the user; `undefined` where one has the wrong type or size. */
export const parseIdentity = (
  payload: Record<string, unknown>,
): Omit<Claims, 'expSeconds'> | undefined => {
  const userId = payload['sub'] ?? payload['user_id']
  const email = payload['email'] ?? ABSENT.email
  const subscription = payload['subscription'] ?? ABSENT.subscription
  const country = payload['country'] ?? ABSENT.country
  const platform = payload['platform'] ?? ABSENT.platform
  return isName(userId) &&
    (email === null || isName(email)) &&
    isName(subscription) &&
    isName(country) &&
    isName(platform)
    ? { userId, email, subscription, country, platform }
    : undefined
}

const LIMIT_CHARACTERS = 255

const isName = (value: unknown): value is string =>
  typeof value === 'string' &&
  value.length > 0 &&
  value.length <= LIMIT_CHARACTERS &&
  isWellFormed(value)
