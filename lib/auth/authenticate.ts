import type { RawHeaders } from '../http/headers.js'
import type { KeyRing } from '../jwt/key-ring.js'
import { verifyToken, type TokenRejection } from '../jwt/verify.js'
import { createCaller, type Caller } from './caller.js'
import { protocolToken } from './protocol-token.js'
import { createRememberedTokens } from './remembered-tokens.js'

/** Why there is no caller: no token at all, two of them, or one that was refused. */
export type Unauthenticated = 'no_token' | 'two_tokens' | TokenRejection

/** `offeredProtocols` is what is left of a WebSocket's subprotocols when the token was one of them. */
type Authentication =
  | { ok: true; caller: Caller; offeredProtocols: string | undefined }
  | { ok: false; reason: Unauthenticated }

/** Finds out who sent a request with these fields, at this Unix second. */
export type Authenticate = (
  raw: RawHeaders,
  nowSeconds: number,
  isUpgrade: boolean,
) => Authentication

export interface AuthenticateOptions {
  keys: KeyRing
  /** The audience that a token must be for, or `undefined`: then it must be for none. */
  audience: string | undefined
  /** Clock skew forgiven, in seconds. */
  toleranceSeconds: number
  /** Whether an upgrade may bring its token in `Sec-WebSocket-Protocol`. */
  websocketTokens: boolean
  /** How many verified tokens are remembered; 0 remembers none. */
  limitRemembered: number
}

export const createAuthenticate = (options: AuthenticateOptions): Authenticate => {
  const { keys, audience, toleranceSeconds } = options
  const remembered = createRememberedTokens(options.limitRemembered)

  const check = (
    token: string,
    nowSeconds: number,
    offeredProtocols: string | undefined,
  ): Authentication => {
    const known = remembered.get(token, nowSeconds)
    if (known) return { ok: true, caller: known, offeredProtocols }
    const verification = verifyToken(token, { keys, audience, nowSeconds, toleranceSeconds })
    if (!verification.ok) return verification
    const caller = createCaller(verification.claims)
    remembered.set(token, caller)
    return { ok: true, caller, offeredProtocols }
  }

  return (raw, nowSeconds, isUpgrade) => {
    const token = bearerToken(raw)
    const other = options.websocketTokens ? protocolToken(raw) : undefined
    if (other === undefined)
      return typeof token === 'string'
        ? check(token, nowSeconds, undefined)
        : { ok: false, ...token }
    if (typeof token === 'string' || token.reason !== 'no_token')
      return { ok: false, reason: 'two_tokens' }
    if (typeof other === 'string') return { ok: false, reason: other }
    return isUpgrade
      ? check(other.token, nowSeconds, other.offeredProtocols)
      : { ok: false, reason: 'malformed' }
  }
}

/**
 * The fields of a 401 (RFC 6750 Section 3): no `error` for a request that came without a token.
 * `reason` is a word of ours, so it can stand in a quoted string.
 */
export const challenge = (reason: Unauthenticated): readonly string[] => {
  const error =
    reason === 'no_token' ? '' : `, error="invalid_token", error_description="${describe(reason)}"`
  return ['WWW-Authenticate', `Bearer realm="passport-gateway"${error}`]
}

const describe = (reason: Unauthenticated): string =>
  reason === 'expired' ? 'The token has expired' : 'The token is not valid'

const bearerToken = (raw: RawHeaders): string | { reason: Unauthenticated } => {
  let value: string | undefined
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i] as string // rawHeaders holds pairs
    if (name.length !== 13 || name.toLowerCase() !== 'authorization') continue
    // One server takes the first of two, another the last: neither is believed.
    if (value !== undefined) return { reason: 'two_tokens' }
    value = raw[i + 1] as string
  }
  if (value === undefined || !/^bearer(?![\w-])/i.test(value)) return { reason: 'no_token' }
  return value[6] === ' ' ? value.slice(7) : { reason: 'malformed' }
}
