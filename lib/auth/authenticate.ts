import type { RawHeaders } from '../http/headers.js'
import type { TokenRejection, VerifyOptions } from '../jwt/checks.js'
import { createHeaderReader } from '../jwt/json-object.js'
import { verifyToken } from '../jwt/verify.js'
import type { Signer } from '../passport/signer.js'
import type { Revocations } from '../revocation/revocations.js'
import { Caller } from './caller.js'
import { protocolToken } from './protocol-token.js'
import { createRememberedTokens } from './remembered-tokens.js'
import type { Sessions } from './sessions.js'

/** Why there is no caller: no token at all, two of them, or one that was refused. */
export type Unauthenticated =
  'no_token' | 'two_tokens' | 'revoked' | 'unknown_user' | 'revocations_unknown' | TokenRejection

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
  /** How tokens are verified. */
  verification: Omit<VerifyOptions, 'nowSeconds'>
  revocations: Pick<Revocations, 'isRevoked' | 'isCurrent'>
  sessions: Pick<Sessions, 'watch'>
  /** `undefined` where passports are not signed. */
  signer: Signer | undefined
  /** Whether an upgrade may bring its token in `Sec-WebSocket-Protocol`. */
  websocketTokens: boolean
  /** How many verified tokens are remembered; 0 remembers none. */
  limitRemembered: number
}

/** What was found of a token that is refused whenever it comes again, as long as the ring stays as it is. */
interface Refusal {
  readonly reason: TokenRejection
  readonly sinceSeconds: number
  readonly validUntilSeconds: number
}

/** Of those reasons that are only known once its signature was computed. */
const LASTING: ReadonlySet<TokenRejection> = new Set([
  'bad_signature',
  'malformed_claims',
  'wrong_issuer',
  'wrong_audience',
  'expired',
  'too_long_lived',
])
const MOST_REFUSED = 1_000

export const createAuthenticate = (options: AuthenticateOptions): Authenticate => {
  const { verification, revocations } = options
  const { keys, toleranceSeconds } = verification
  const remembered = createRememberedTokens<Caller>(options.limitRemembered)
  const refused = createRememberedTokens<Refusal>(Math.min(options.limitRemembered, MOST_REFUSED))
  const rules = { ...verification, readHeader: createHeaderReader(), nowSeconds: 0 }
  const watch: Sessions['watch'] = (caller, onEnd) => options.sessions.watch(caller, onEnd)
  let ringVersion = keys.version

  const find = (token: string, nowSeconds: number): Caller | TokenRejection => {
    if (keys.version !== ringVersion) {
      // What a key has verified that is no longer in the ring is not good any more, and the other way round.
      remembered.clear()
      refused.clear()
    }
    ringVersion = keys.version
    const known = remembered.get(token, nowSeconds)
    if (known) return known
    const refusal = refused.get(token, nowSeconds)
    // Should the clock be set back, it may have been good.
    if (refusal && refusal.sinceSeconds <= nowSeconds) return refusal.reason
    rules.nowSeconds = nowSeconds
    const result = verifyToken(token, rules)
    if (!result.ok) {
      const { reason } = result
      if (LASTING.has(reason))
        refused.meet(token, { reason, sinceSeconds: nowSeconds, validUntilSeconds: Infinity })
      return reason
    }
    const { claims, key } = result
    const caller = new Caller({
      token,
      claims,
      key,
      keyUntilSeconds: keys.validUntilSeconds(key),
      toleranceSeconds,
      signer: options.signer,
      watch,
    })
    remembered.meet(token, caller)
    return caller
  }

  const check = (
    token: string,
    nowSeconds: number,
    offeredProtocols: string | undefined,
  ): Authentication => {
    const caller = find(token, nowSeconds)
    if (typeof caller === 'string') return { ok: false, reason: caller }
    if (revocations.isRevoked(caller)) return { ok: false, reason: 'revoked' }
    return revocations.isCurrent()
      ? { ok: true, caller, offeredProtocols }
      : { ok: false, reason: 'revocations_unknown' }
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
