import { readJson, type BodyLimits } from '../http/body.js'
import { sendJson, sendProblem } from '../http/respond.js'
import type { Handler, Route } from '../http/router.js'
import type { Guard } from './guard.js'
import type { TargetRow } from './target-rows.js'

export interface OperationsOptions {
  guard: Guard
  /** Of a token to inspect. */
  body: BodyLimits
  targets: () => Promise<readonly TargetRow[]>
  /** The options, each with its value and where that came from; without secrets. */
  options: () => object
  /** What would become of a token; as JSON. */
  inspect: (token: string) => object
}

/** `GET /targets`, `GET /config` and `POST /v1/inspect`, which takes `{ "token": … }`. */
export const createOperations = (options: OperationsOptions): Route[] => {
  const { guard, body, targets, inspect } = options
  const show = (read: () => object | Promise<object>): Handler =>
    guard(async (exchange) => sendJson(exchange, 200, await read()))

  const inspectToken: Handler = async (exchange) => {
    const json = await readJson(exchange, body)
    if (!json) return
    if (!json.ok) return sendProblem(exchange, json.code, json)
    const token = json.fields.get('token')
    const others = [...json.fields.keys()].filter((name) => name !== 'token')
    if (typeof token === 'string' && others.length === 0)
      return sendJson(exchange, 200, inspect(token))
    const errors = [
      ...(typeof token === 'string' ? [] : [{ field: 'token', detail: 'must be a string' }]),
      ...others.map((field) => ({ field, detail: 'must be one of: token' })),
    ]
    sendProblem(exchange, 'invalid_request', { errors })
  }

  return [
    { pattern: '/targets', methods: { GET: show(async () => ({ targets: await targets() })) } },
    { pattern: '/config', methods: { GET: show(options.options) } },
    { pattern: '/v1/inspect', methods: { POST: guard(inspectToken) } },
  ]
}
