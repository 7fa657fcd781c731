import { sendNoContent } from '../http/respond.js'
import type { Handler } from '../http/router.js'
import type { Revocations } from '../revocation/revocations.js'
import type { Authenticate } from './authenticate.js'
import { forCaller } from './for-caller.js'

/** `POST /v1/auth/logout`: 204, and this token is revoked. */
export const createLogout = (
  authenticate: Authenticate,
  revocations: Pick<Revocations, 'endToken'>,
): Handler =>
  forCaller(authenticate, async (exchange, caller) => {
    await revocations.endToken(caller)
    sendNoContent(exchange)
  })

/** `POST /v1/auth/logout-all`: 204, and every token of the user issued until now is revoked. */
export const createLogoutAll = (
  authenticate: Authenticate,
  revocations: Pick<Revocations, 'revokeUser'>,
): Handler =>
  forCaller(authenticate, async (exchange, caller) => {
    await revocations.revokeUser(caller.userId)
    sendNoContent(exchange)
  })
