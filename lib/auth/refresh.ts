import { send } from '../http/respond.js'
import type { Handler } from '../http/router.js'
import type { Revocations } from '../revocation/revocations.js'
import type { Accounts } from '../users/accounts.js'
import type { Authenticate } from './authenticate.js'
import { forCaller } from './for-caller.js'
import { refuse } from './refuse.js'
import type { TokenBody } from './tokens.js'

export interface RefreshOptions {
  authenticate: Authenticate
  accounts: Pick<Accounts, 'standing'>
  revocations: Pick<Revocations, 'revokeToken'>
  tokenBody: TokenBody
}

/**
 * `POST /v1/auth/refresh`: 200 with a new token of the user as he is now, and the old one is revoked;
 * of two at once with the same token one gets 401.
 */
export const createRefresh = (options: RefreshOptions): Handler =>
  forCaller(options.authenticate, async (exchange, caller) => {
    const standing = await options.accounts.standing(caller.userId)
    if (!standing) return refuse(exchange, 'unknown_user')
    if (!(await options.revocations.revokeToken(caller))) return refuse(exchange, 'revoked')
    const body = options.tokenBody(standing)
    send(exchange, { status: 200, contentType: 'application/json', body })
  })
