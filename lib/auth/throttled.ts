import type { Exchange } from '../http/exchange.js'
import type { Handler } from '../http/router.js'
import { sendTooMany } from '../http/too-many.js'
import type { Attempted, Throttle } from '../throttle/throttle.js'

/** Counts an attempt at an account, and answers 429 when there were too many; resolves to whether it may go on. */
export type Admit = (exchange: Exchange, account: string) => Promise<boolean>

/** A handler that answers 429 when its client's address made too many attempts, before it reads anything. */
export const perAddress =
  (throttle: Throttle, attempted: Attempted, handler: Handler): Handler =>
  async (exchange) => {
    const excess = await throttle.byAddress(attempted, exchange.client.address)
    return excess ? sendTooMany(exchange, excess) : handler(exchange)
  }

export const perAccount =
  (throttle: Throttle, attempted: Attempted): Admit =>
  async (exchange, account) => {
    const excess = await throttle.byAccount(attempted, account)
    if (excess) sendTooMany(exchange, excess)
    return !excess
  }
