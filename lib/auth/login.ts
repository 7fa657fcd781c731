import { readJson, type BodyLimits } from '../http/body.js'
import { goneSignal } from '../http/exchange.js'
import { send, sendProblem } from '../http/respond.js'
import type { Handler } from '../http/router.js'
import { challenge } from './refuse.js'
import type { Accounts } from '../users/accounts.js'
import { parseLogin } from './credentials.js'
import type { Admit } from './throttled.js'
import type { TokenBody } from './tokens.js'

export interface LoginOptions {
  accounts: Accounts
  tokenBody: TokenBody
  body: BodyLimits
  admit: Admit
}

/** `POST /v1/auth/login`: 200 with a token; 401, the same for every wrong pair and after the same work. */
export const createLogin =
  ({ accounts, tokenBody, body, admit }: LoginOptions): Handler =>
  async (exchange) => {
    const json = await readJson(exchange, body)
    if (!json) return
    if (!json.ok) return sendProblem(exchange, json.code, json)
    const parsed = parseLogin(json.fields)
    if (!parsed.ok) return sendProblem(exchange, 'invalid_request', { errors: parsed.errors })
    const { email, password } = parsed.value
    if (!(await admit(exchange, email))) return
    const standing = await accounts.logIn(email, password, goneSignal(exchange))
    if (!standing)
      return sendProblem(exchange, 'invalid_credentials', { headers: challenge('no_token') })
    exchange.userId = standing.user.id
    send(exchange, { status: 200, contentType: 'application/json', body: tokenBody(standing) })
  }
