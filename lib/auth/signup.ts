import { ERRORS, type ErrorCode } from '../errors.js'
import { readJson, type BodyLimits } from '../http/body.js'
import { goneSignal, type Exchange } from '../http/exchange.js'
import { valuesOf } from '../http/headers.js'
import { problemBody, PROBLEM_TYPE, send, sendProblem } from '../http/respond.js'
import type { Handler } from '../http/router.js'
import type { Answer, Idempotent } from '../idempotency/idempotent.js'
import type { Accounts, NewAccount } from '../users/accounts.js'
import type { IsBreached } from '../users/breached-passwords.js'
import { country, platform } from '../users/profile.js'
import { breached, parseSignup, type Located } from './credentials.js'
import { parseIdempotencyKey } from './idempotency-key.js'
import type { Admit } from './throttled.js'
import type { TokenBody } from './tokens.js'

export interface SignupOptions {
  accounts: Pick<Accounts, 'signUp'>
  isBreached: IsBreached
  tokenBody: TokenBody
  idempotent: Idempotent
  body: BodyLimits
  admit: Admit
  /** What a client may choose as `subscription`; the first is the default. */
  plans: readonly string[]
  /** The field, in lower case, in which a trusted proxy names the client's country. */
  countryHeader: string | undefined
  /** The field, in lower case, in which a trusted proxy names the client's platform. */
  platformHeader: string | undefined
}

/** Whether a retry with the same key must get the same answer again: the outcome is final. */
export const isFinal = ({ status }: Answer): boolean => status === 201 || status === 409

/** `POST /v1/auth/signup`: 201 with a token, 409 for an e-mail that is taken; once for each key. */
export const createSignup = (options: SignupOptions): Handler => {
  const signUp = async (
    exchange: Exchange,
    account: NewAccount,
    seed?: string,
  ): Promise<Answer> => {
    if (await options.isBreached(account.password))
      return refusal(exchange, 'invalid_request', { errors: [breached('password')] })
    const standing = await options.accounts.signUp(account, goneSignal(exchange), seed)
    if (!standing) return refusal(exchange, 'email_taken')
    exchange.userId = standing.user.id
    return { status: 201, contentType: 'application/json', body: options.tokenBody(standing) }
  }

  return async (exchange) => {
    const key = parseIdempotencyKey(exchange.request.rawHeaders)
    if (key === null) return sendProblem(exchange, 'invalid_request', { errors: [MALFORMED_KEY] })
    const json = await readJson(exchange, options.body)
    if (!json) return
    if (!json.ok) return sendProblem(exchange, json.code, json)
    const parsed = parseSignup(json.fields, options.plans, locate(exchange, options))
    if (!parsed.ok) return sendProblem(exchange, 'invalid_request', { errors: parsed.errors })
    if (!(await options.admit(exchange, parsed.value.email))) return
    const work = (seed?: string): Promise<Answer> => signUp(exchange, parsed.value, seed)
    if (key === undefined) return send(exchange, await work())
    const outcome = await options.idempotent.run(key, json.raw, work)
    if ('problem' in outcome) return sendProblem(exchange, outcome.problem)
    const headers = outcome.replayed ? ['Idempotent-Replayed', 'true'] : []
    send(exchange, { ...outcome.answer, headers })
  }
}

const MALFORMED_KEY = {
  field: 'Idempotency-Key',
  detail: 'must be one field of 1 to 255 visible ASCII characters, quoted or not',
}

const refusal = (exchange: Exchange, code: ErrorCode, members = {}): Answer => {
  exchange.reason = code
  const body = problemBody(code, { request_id: exchange.requestId, ...members })
  return { status: ERRORS[code].status, contentType: PROBLEM_TYPE, body }
}

// What a proxy says is believed over the body, but a value that makes no sense is not.
const locate = (
  { client, request }: Exchange,
  { countryHeader, platformHeader }: SignupOptions,
): Located => {
  if (!client.isTrustedPeer) return {}
  const from = (name: string | undefined): string | undefined => {
    const values = name === undefined ? [] : valuesOf(request.rawHeaders, name)
    return values.length === 1 ? values[0] : undefined // of two, one is the client's
  }
  const named = { country: from(countryHeader), platform: from(platformHeader) }
  const located = {
    country: named.country && country(named.country),
    platform: named.platform && platform(named.platform.toLowerCase()),
  }
  return {
    ...(located.country && { country: located.country }),
    ...(located.platform && { platform: located.platform }),
  }
}
