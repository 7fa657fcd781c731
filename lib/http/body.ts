import type { ErrorCode } from '../errors.js'
import type { Exchange } from './exchange.js'
import { createGathered } from './gathered.js'
import { valuesOf } from './headers.js'
import type { FieldProblem } from './respond.js'

export interface BodyLimits {
  /** The largest body, in bytes. */
  limitBytes: number
  /** How long the whole body may take to arrive, in milliseconds. */
  timeoutMs: number
}

/** A JSON object as it came and as it reads, or why it is refused. */
export type JsonBody =
  | { ok: true; raw: Buffer; fields: ReadonlyMap<string, unknown> }
  | { ok: false; code: ErrorCode; errors?: readonly FieldProblem[] }

/** Reads a JSON object; resolves to `undefined` when the client goes away first. */
export const readJson = async (
  exchange: Exchange,
  limits: BodyLimits,
): Promise<JsonBody | undefined> => {
  const { request, framing } = exchange
  if (!isPlain(request.rawHeaders, 'application/json'))
    return { ok: false, code: 'unsupported_media_type' }
  if (framing.kind === 'length' && framing.bytes > limits.limitBytes)
    return { ok: false, code: 'body_too_large' }
  expectBody(exchange)
  const raw = await readBytes(exchange, limits)
  if (!Buffer.isBuffer(raw)) return raw && { ok: false, code: raw }
  const fields = parseFields(raw)
  return fields
    ? { ok: true, raw, fields }
    : { ok: false, code: 'invalid_request', errors: [NO_OBJECT] }
}

/** Asks for the body of a client that waits to be asked (RFC 9110 Section 10.1.1). */
export const expectBody = (exchange: Exchange): void => {
  if (!exchange.awaitsContinue) return
  exchange.awaitsContinue = false
  exchange.response.writeContinue()
}

/** Whether a body is of this media type, in UTF-8 and without a content coding, as its fields say. */
export const isPlain = (raw: readonly string[], mediaType: string): boolean => {
  const types = valuesOf(raw, 'content-type')
  const [, type = ''] = MEDIA_TYPE.exec(types[0] ?? '') ?? []
  const isOfType = types.length === 1 && type.toLowerCase() === mediaType
  return isOfType && valuesOf(raw, 'content-encoding').length === 0
}

const MEDIA_TYPE =
  /^([\w.+-]+\/[\w.+-]+)(?:[ \t]*;[ \t]*charset[ \t]*=[ \t]*"?utf-?8"?)?[ \t]*;?[ \t]*$/i

const NO_OBJECT: FieldProblem = { field: 'body', detail: 'must be a JSON object in UTF-8' }

const readBytes = (
  { request, response, deadlines }: Exchange,
  { limitBytes, timeoutMs }: BodyLimits,
): Promise<Buffer | ErrorCode | undefined> =>
  new Promise((resolve) => {
    const body = createGathered()
    const finish = (result: Buffer | ErrorCode | undefined): void => {
      deadline.clear()
      request.off('data', take).off('end', end)
      response.off('close', gone)
      request.pause()
      resolve(result)
    }
    const take = (chunk: Buffer): void => {
      if (body.bytes + chunk.length > limitBytes) finish('body_too_large')
      else body.add(chunk)
    }
    const end = (): void => finish(body.content())
    const gone = (): void => finish(undefined)
    const deadline = deadlines.start(timeoutMs, () => finish('request_timeout'))
    request.on('data', take).on('end', end)
    response.on('close', gone)
  })

const utf8 = new TextDecoder('utf-8', { fatal: true })

/**
 * The fields of a JSON object in UTF-8, `undefined` for anything else. A Map, because `__proto__` and
 * `constructor` are names like any other in JSON.
 */
export const parseFields = (raw: Buffer): ReadonlyMap<string, unknown> | undefined => {
  try {
    const value: unknown = JSON.parse(utf8.decode(raw))
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? new Map(Object.entries(value))
      : undefined
  } catch {
    return undefined
  }
}
