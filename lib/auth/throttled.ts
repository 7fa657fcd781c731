import type { Exchange } from '../http/exchange.js'
import type { Handler } from '../http/router.js'
import { sendTooMany, type UsedUp } from '../http/too-many.js'
import type { Attempted, Throttle } from '../throttle/throttle.js'

/** Counts an attempt at an account, and answers 429 when there were too many; resolves to whether it may go on. */
export type Admit = (exchange: Exchange, account: string) => Promise<boolean>

/**
 * Throttles an endpoint: 429 when its client's address made too many attempts, before anything is read,
 * and where `create` has it count an attempt at an account.
 */
export const throttled = (
  throttle: Throttle,
  attempted: Attempted,
  create: (admit: Admit) => Handler,
): Handler => {
  const passes = (exchange: Exchange, excess: UsedUp | undefined): boolean => {
    if (excess) sendTooMany(exchange, excess)
    return !excess
  }
  const handler = create(async (exchange, account) =>
    passes(exchange, await throttle.byAccount(attempted, account)),
  )
  return async (exchange) => {
    const excess = await throttle.byAddress(attempted, exchange.client.address)
    if (passes(exchange, excess)) await handler(exchange)
  }
}
