import type { IncomingMessage, ServerResponse } from 'node:http'
import { GatewayError } from '../errors.js'
import { describeError } from '../log.js'
import { createExchange, type Exchange, type Surroundings } from './exchange.js'
import { cut } from './cut.js'
import { sendProblem } from './respond.js'
import type { Router } from './router.js'
import { checkRequest } from './strictness.js'
import type { Turns } from './turns.js'

/** Takes a request in; `awaitsContinue` when the client waits for `100 Continue`. */
export type Entrance = (
  request: IncomingMessage,
  response: ServerResponse,
  awaitsContinue?: boolean,
) => void

export interface EntranceOptions {
  surroundings: Surroundings
  turns: Turns
  router: Router
  /** How many header lines a request may have. */
  limitHeaders: number
}

/** The one way in: every request waits its turn, is checked, and goes to its route. */
export const createEntrance =
  ({ surroundings, turns, router, limitHeaders }: EntranceOptions): Entrance =>
  (request, response, awaitsContinue = false) =>
    turns.take(request, response, () => {
      const exchange = createExchange(surroundings, request, response, awaitsContinue)
      const checked = checkRequest(request, limitHeaders)
      if (typeof checked === 'string') sendProblem(exchange, checked)
      else {
        exchange.path = checked.path
        exchange.query = checked.query
        exchange.framing = checked.framing
        dispatch(router, exchange)
      }
      return exchange
    })

const dispatch = (router: Router, exchange: Exchange): void => {
  const match = router(exchange.request.method as string, exchange.path)
  if (!match) return sendProblem(exchange, 'not_found')
  exchange.route = match.pattern
  if ('allow' in match)
    return sendProblem(exchange, 'method_not_allowed', { headers: ['Allow', match.allow] })
  try {
    match.handler(exchange)?.catch((error: unknown) => fail(exchange, error))
  } catch (error) {
    fail(exchange, error)
  }
}

const fail = (exchange: Exchange, error: unknown): void => {
  const { log, requestId, response } = exchange
  if (!(error instanceof GatewayError))
    log({ event: 'handler_failed', requestId, ...describeError(error) })
  if (response.headersSent) cut(exchange)
  else sendProblem(exchange, error instanceof GatewayError ? error.code : 'internal_error')
}
