import type { IncomingMessage, ServerResponse } from 'node:http'
import { GatewayError } from '../errors.js'
import { describeError } from '../log.js'
import type { Admission } from './admission.js'
import { createExchange, type Arrival, type Exchange, type Surroundings } from './exchange.js'
import { cut } from './cut.js'
import { sendProblem } from './respond.js'
import type { Router } from './router.js'
import { checkRequest, type RequestLimits } from './strictness.js'
import type { Turns } from './turns.js'

/** Takes a request in. */
export type Entrance = (
  request: IncomingMessage,
  response: ServerResponse,
  arrival?: Arrival,
) => void

export interface EntranceOptions {
  surroundings: Surroundings
  turns: Turns
  router: Router
  /** `undefined` takes in whatever comes. */
  admission: Admission | undefined
  limits: RequestLimits
}

/** The one way in: every request waits its turn, is checked, taken in, and goes to its route. */
export const createEntrance =
  ({ surroundings, turns, router, admission, limits }: EntranceOptions): Entrance =>
  (request, response, arrival = PLAIN) =>
    turns.take(request, (turn) => {
      const exchange = createExchange(surroundings, request, response, arrival, turn)
      const checked = checkRequest(request, limits)
      if (typeof checked === 'string') sendProblem(exchange, checked)
      // The bytes of its body would be taken for the other protocol's.
      else if (arrival.upgrade && checked.framing.kind !== 'none')
        sendProblem(exchange, 'invalid_framing')
      else {
        exchange.path = checked.path
        exchange.query = checked.query
        exchange.framing = checked.framing
        if (!admission || admission.isOpen || !admission.refuses(exchange))
          dispatch(router, exchange)
        else sendProblem(exchange, 'overloaded')
      }
      return exchange
    })

const PLAIN: Arrival = {}

const dispatch = (router: Router, exchange: Exchange): void => {
  const match = router(exchange.request.method as string, exchange.path)
  if (!match) return sendProblem(exchange, 'not_found')
  exchange.route = match.pattern
  if ('isAmbiguous' in match) return sendProblem(exchange, 'invalid_target')
  if ('allow' in match)
    return sendProblem(exchange, 'method_not_allowed', { headers: ['Allow', match.allow] })
  try {
    match.handler(exchange)?.catch((error: unknown) => fail(exchange, error))
  } catch (error) {
    fail(exchange, error)
  }
}

const fail = (exchange: Exchange, error: unknown): void => {
  const { log, requestId, response, departures } = exchange
  if (!(error instanceof GatewayError))
    log({ event: 'handler_failed', requestId, ...describeError(error) })
  departures.letGo() // what was answered before stays so
  if (response.headersSent) cut(exchange)
  else sendProblem(exchange, error instanceof GatewayError ? error.code : 'internal_error')
}
