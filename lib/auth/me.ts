import { unixSeconds } from '../clock.js'
import { sendJson } from '../http/respond.js'
import type { Handler } from '../http/router.js'
import { decodePassport } from '../passport/passport-json.js'
import type { Authenticate } from './authenticate.js'
import { forCaller } from './for-caller.js'

/** `GET /v1/auth/me`: 200 with what services are told of the caller, and when his token expires. */
export const createMe = (authenticate: Authenticate): Handler =>
  forCaller(authenticate, (exchange, caller) => {
    const { passport } = caller.stamp(unixSeconds(exchange.clock))
    sendJson(exchange, 200, {
      ...decodePassport(passport),
      expires_at: caller.claims.expSeconds,
    })
  })
