import { unixSeconds } from '../clock.js'
import type { Exchange } from '../http/exchange.js'
import type { Handler } from '../http/router.js'
import type { Authenticate } from './authenticate.js'
import type { Caller } from './caller.js'
import { refuse } from './refuse.js'

/**
 * A handler for those who come with a good token; the others get 401. `isStillGood` asks again, for
 * what takes its time.
 */
export const forCaller =
  (
    authenticate: Authenticate,
    handle: (
      exchange: Exchange,
      caller: Caller,
      isStillGood: () => boolean,
    ) => void | Promise<void>,
  ): Handler =>
  (exchange) => {
    const { request, clock } = exchange
    const ask = () => authenticate(request.rawHeaders, unixSeconds(clock), false)
    const authentication = ask()
    if (!authentication.ok) return refuse(exchange, authentication.reason)
    exchange.userId = authentication.caller.userId
    return handle(exchange, authentication.caller, () => ask().ok)
  }
