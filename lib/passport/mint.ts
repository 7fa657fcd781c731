import {
  encodeFields,
  NOBODY,
  type AnonymousPassport,
  type Passport,
  type UserPassport,
} from './passport-json.js'
import { ANONYMOUS_SEGMENT, encodeSegment } from './segment.js'
import {
  deriveSignatureKey,
  isKeyId,
  signPassport,
  type BoundRequest,
  type Secret,
} from './signature.js'

/** What a test wants in its passport; the rest is made up. */
export type MintedFields =
  Partial<UserPassport> | (Pick<AnonymousPassport, 'token_status'> & Partial<AnonymousPassport>)

export interface MintOptions {
  /** That of the reader; at least 32 bytes. */
  secret: Secret | undefined
  /** Default `test`. */
  kid?: string
  /** What to bind the signature to. */
  request?: BoundRequest
}

/** As a type, so that it can be the `headers` of a request. */
export type MintedHeaders = {
  'X-Passport': string
  'X-Proxy-State': string
  'X-Passport-Signature': string
}

/**
 * The headers that a gateway would send: for the tests of a service.
 * @throws RangeError for a secret, `kid` or request that no gateway could have
 */
export const mintPassport = (fields: MintedFields = {}, options: MintOptions): MintedHeaders => {
  const { secret, kid = 'test', request } = options
  const key = deriveSignatureKey(secret)
  // A line break would shift the lines that are signed.
  if (!isKeyId(kid) || (request && !/^[!-~]+ [!-~]+$/.test(`${request.method} ${request.path}`)))
    throw new RangeError('kid, method or path is not well-formed')
  const all = {
    ...(fields.token_status === 'anonymous' ? NOBODY : SOMEBODY),
    issued_at: Math.floor(Date.now() / 1000),
    ...fields,
  } as Passport
  const passport = encodeFields(all)
  const segment = all.token_status === 'anonymous' ? ANONYMOUS_SEGMENT : encodeSegment(all)
  return {
    'X-Passport': passport,
    'X-Proxy-State': segment,
    'X-Passport-Signature': signPassport({ kid, key }, { passport, segment, request }),
  }
}

const SOMEBODY = {
  user_id: 'user_test',
  email: 'test@example.com',
  subscription: 'free',
  country: 'ZZ',
  platform: 'unknown',
  token_status: 'valid',
} as const
