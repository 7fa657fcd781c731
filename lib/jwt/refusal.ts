import { printable, printableJson } from '../log.js'
import { isDate, TOKEN_LIMIT, type TokenRejection, type VerifyOptions } from './checks.js'
import { parseHolder } from './claims.js'
import type { JsonObject } from './json-object.js'

/** A token that was refused, and how it was verified. */
export interface RefusedToken {
  token: string
  /** As they read; `undefined` where they do not. */
  header: JsonObject | undefined
  payload: JsonObject | undefined
  options: VerifyOptions
}

/** Says what is wrong with a token that was refused. Whatever the token holds, it steers no terminal. */
export const describeRefusal = (reason: TokenRejection, refused: RefusedToken): string =>
  DESCRIPTIONS[reason](refused)

const DESCRIPTIONS = {
  malformed: ({ token, header }) => {
    if (token.length > TOKEN_LIMIT) return `it is longer than ${TOKEN_LIMIT} characters`
    if (/\s/.test(token)) return 'there is white space inside: a token is one word, on one line'
    const parts = token.split('.')
    if (parts.length !== 3) return `it has ${parts.length} of three parts, separated by dots`
    if (parts.includes('')) return 'one of its three parts is empty'
    return header === undefined
      ? 'its header is not JSON, as base64url without padding'
      : 'its signature is not base64url without padding'
  },
  unsupported_algorithm: ({ header }) => `${tell(header, 'alg')}; only "HS256" is taken`,
  unsupported_header: ({ header = {} }) => {
    const strange = ['crit', 'b64'].filter((name) => name in header)
    return strange.length > 0
      ? `${strange.join(' and ')} would have to be understood, and is not`
      : `${tell(header, 'typ')}; it is "JWT", or there is none`
  },
  unknown_key: ({ header, options: { keys } }) => {
    const kid = header?.['kid']
    return typeof kid === 'string' && keys.find(kid)
      ? `the key ${kid} has ended: its notAfter has passed`
      : `${tell(header, 'kid')}; the ring has ${kidsOf(keys)}`
  },
  bad_signature: ({ header, options: { keys } }) => {
    const kid = header?.['kid']
    const signer = kid === undefined ? `none of ${kidsOf(keys)}` : `not ${printable(kid)}`
    return `${signer} has signed it: another secret has, or the token was changed since`
  },
  malformed_claims: ({ payload }) => {
    if (payload === undefined) return 'its payload is not a JSON object, as base64url'
    return faultyClaims(payload)
      .map(([name, rule]) => `${tell(payload, name)}; it must be ${rule}`)
      .join('. ')
  },
  wrong_issuer: ({ payload, options: { issuer } }) =>
    `${tell(payload, 'iss')}; ${printableJson(issuer)} is required`,
  wrong_audience: ({ payload, options: { audience } }) =>
    audience === undefined
      ? `${tell(payload, 'aud')}; no audience is configured, so it is for somebody else`
      : `${tell(payload, 'aud')}; ${printableJson(audience)} is required`,
  expired: ({ options: { toleranceSeconds } }) =>
    `exp has passed${toleranceSeconds > 0 ? `, and the ${toleranceSeconds} s that are forgiven` : ''}`,
  not_yet_valid: ({ payload = {}, options: { nowSeconds, toleranceSeconds } }) => {
    const isAhead = (name: string): boolean =>
      Number(payload[name] ?? 0) > nowSeconds + toleranceSeconds
    return `${['iat', 'nbf'].filter(isAhead).join(' and ')} in the future: clocks may differ by ${toleranceSeconds} s (toleranceSeconds)`
  },
  too_long_lived: ({ payload = {}, options: { maxAgeSeconds } }) =>
    payload['iat'] === undefined
      ? `there is no iat, so its age cannot be told; at most ${maxAgeSeconds} s are allowed`
      : `exp - iat is ${Number(payload['exp']) - Number(payload['iat'])} s; at most ${maxAgeSeconds} are allowed`,
} as const satisfies Record<TokenRejection, (refused: RefusedToken) => string>

const tell = (object: JsonObject | undefined, name: string): string => {
  const value = object?.[name]
  return value === undefined ? `there is no ${name}` : `${name} is ${printableJson(value)}`
}

const kidsOf = (keys: VerifyOptions['keys']): string =>
  keys
    .candidates(undefined, 0) // also those that have ended since
    .map(({ kid }) => kid)
    .join(', ')

const DATE_RULE = 'a whole number, in Unix seconds'
const NAME_RULE = 'text of 1 to 255 characters'

/** The claims for which a payload is refused, each with what it must be. */
const faultyClaims = (payload: JsonObject): Array<[string, string]> => {
  const isOther = (payload['sub'] ?? undefined) === undefined && payload['user_id'] !== undefined
  const user = isOther ? 'user_id' : 'sub'
  const { exp, nbf, iat, jti } = payload
  const faults: Array<[boolean, string, string]> = [
    [!isDate(exp), 'exp', DATE_RULE],
    [nbf !== undefined && !isDate(nbf), 'nbf', DATE_RULE],
    [iat !== undefined && !isDate(iat), 'iat', DATE_RULE],
    [!parseHolder({ sub: payload[user] }), user, NAME_RULE],
    ...['email', 'subscription', 'country', 'platform'].map((name): [boolean, string, string] => [
      !parseHolder({ sub: 'anybody', [name]: payload[name] }),
      name,
      NAME_RULE,
    ]),
    [jti !== undefined && typeof jti !== 'string', 'jti', 'text'],
  ]
  return faults.filter(([isFaulty]) => isFaulty).map(([, name, rule]) => [name, rule])
}
