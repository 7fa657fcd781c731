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
 * The fields of a 401 (RFC 6750 Section 3): no `error` for a request that came without a token, and no
 * more of the reason than its client can mend.
 */
export const challenge = (reason: Unauthenticated): readonly string[] => {
  if (reason === 'no_token') return WITHOUT_TOKEN
  if (reason === 'expired') return WITH_EXPIRED
  return reason === 'revoked' ? WITH_REVOKED : WITH_INVALID
}

const challengeWith = (error: string): readonly string[] => [
  'WWW-Authenticate',
  `Bearer realm="passport-gateway"${error}`,
]

const challengeFor = (description: string): readonly string[] =>
  challengeWith(`, error="invalid_token", error_description="${description}"`)

const WITHOUT_TOKEN = challengeWith('')
const WITH_EXPIRED = challengeFor('The token has expired')
const WITH_REVOKED = challengeFor('The token was revoked')
const WITH_INVALID = challengeFor('The token is not valid')
