import { createHash, timingSafeEqual } from 'node:crypto'
import type { ErrorCode } from '../errors.js'
import { valuesOf } from '../http/headers.js'
import { sendTooMany, type UsedUp } from '../http/too-many.js'
import { sendProblem } from '../http/respond.js'
import type { Handler } from '../http/router.js'

/**
 * Lets only operators through to a handler, who show the token of the gateway; others get 401, and 429
 * once an address has been refused too often.
 */
export type Guard = (handler: Handler) => Handler

export const createGuard = (
  token: string,
  /** Counts an attempt with a wrong token from an address; `undefined` as long as there are not too many. */
  attempt: (address: string) => Promise<UsedUp | undefined>,
): Guard => {
  const expected = digest(token)

  /** Why the request is refused; `undefined` when it is not. */
  const refusal = (raw: readonly string[]): ErrorCode | undefined => {
    const [value, ...others] = valuesOf(raw, 'authorization')
    if (value === undefined || !/^bearer(?![\w-])/i.test(value)) return 'missing_token'
    const given = digest(value.slice('bearer '.length))
    // Of two fields it is not known which one counts for whoever else reads them.
    const isRight = timingSafeEqual(given, expected) && value[6] === ' ' && others.length === 0
    return isRight ? undefined : 'invalid_token'
  }

  return (handler) => async (exchange) => {
    const code = refusal(exchange.request.rawHeaders)
    if (code === undefined) return handler(exchange)
    const excess = await attempt(exchange.client.address)
    if (excess) return sendTooMany(exchange, excess)
    const error = code === 'missing_token' ? '' : ', error="invalid_token"'
    const challenge = `Bearer realm="passport-gateway admin"${error}`
    sendProblem(exchange, code, { headers: ['WWW-Authenticate', challenge] })
  }
}

// Of the same length whatever the token's is, which so cannot be found out either.
const digest = (token: string): Buffer => createHash('sha256').update(token).digest()
