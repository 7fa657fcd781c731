import { readJson, type BodyLimits } from '../http/body.js'
import { goneSignal } from '../http/exchange.js'
import { send, sendProblem } from '../http/respond.js'
import type { Handler } from '../http/router.js'
import type { Accounts } from '../users/accounts.js'
import type { IsBreached } from '../users/breached-passwords.js'
import type { Authenticate } from './authenticate.js'
import { breached, parsePasswordChange } from './credentials.js'
import { forCaller } from './for-caller.js'
import { refuse } from './refuse.js'
import type { Admit } from './throttled.js'
import type { TokenBody } from './tokens.js'

export interface PasswordOptions {
  authenticate: Authenticate
  accounts: Pick<Accounts, 'changePassword'>
  isBreached: IsBreached
  tokenBody: TokenBody
  body: BodyLimits
  admit: Admit
}

/**
 * `POST /v1/auth/password`: 200 with a new token, and every other token of the user is revoked; 403
 * when the current password is wrong.
 */
export const createPassword = (options: PasswordOptions): Handler =>
  forCaller(options.authenticate, async (exchange, { userId }, isStillGood) => {
    const json = await readJson(exchange, options.body)
    if (!json) return
    if (!json.ok) return sendProblem(exchange, json.code, json)
    const parsed = parsePasswordChange(json.fields)
    if (!parsed.ok) return sendProblem(exchange, 'invalid_request', { errors: parsed.errors })
    const change = parsed.value
    if (!(await options.admit(exchange, userId))) return
    if (await options.isBreached(change.next))
      return sendProblem(exchange, 'invalid_request', { errors: [breached('new_password')] })
    const gone = goneSignal(exchange)
    const outcome = await options.accounts.changePassword(userId, change, isStillGood, gone)
    if (outcome === 'wrong_password') return sendProblem(exchange, 'wrong_password')
    if (outcome === 'revoked') return refuse(exchange, 'revoked')
    if (!outcome) return refuse(exchange, 'unknown_user')
    const body = options.tokenBody(outcome)
    send(exchange, { status: 200, contentType: 'application/json', body })
  })
