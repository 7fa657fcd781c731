import type { Exchange } from '../http/exchange.js'
import { sendProblem } from '../http/respond.js'
import type { Unauthenticated } from './authenticate.js'

/**
 * Answers a request whose caller is not known: 401, with why in the log alone; 503 for one whose token
 * may be revoked for all that is known.
 */
export const refuse = (exchange: Exchange, reason: Unauthenticated): void => {
  exchange.reason = reason
  if (reason === 'revocations_unknown') return sendProblem(exchange, 'store_unavailable')
  const code = reason === 'no_token' ? 'missing_token' : 'invalid_token'
  sendProblem(exchange, code, { headers: challenge(reason) })
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

const describe = (reason: Unauthenticated): string => {
  if (reason === 'expired') return 'The token has expired'
  return reason === 'revoked' ? 'The token was revoked' : 'The token is not valid'
}
