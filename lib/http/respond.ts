import { STATUS_CODES, type ServerResponse } from 'node:http'
import { ERRORS, type ErrorCode } from '../errors.js'
import type { Exchange } from './exchange.js'
import { WholeAnswer } from './whole-answer.js'

export interface Reply {
  status: number
  contentType: string
  body: string
  /** Default `no-store`. */
  cacheControl?: string
  /** Further fields: names and values in turn. */
  headers?: readonly string[]
}

/** One faulty field of a request body. */
export interface FieldProblem {
  field: string
  detail: string
}

export interface ProblemExtras {
  /** Further fields of the header section: names and values in turn. */
  headers?: readonly string[]
  /** Every faulty field of the body. */
  errors?: readonly FieldProblem[]
}

/** Answers with a body of our own, and sees to a request body that nobody read. */
export const send = (exchange: Exchange, reply: Reply): void => {
  const { request, response } = exchange
  if (response.headersSent || response.destroyed) return
  const bytes = Buffer.byteLength(reply.body)
  const hasContent = reply.status !== 204 && request.method !== 'HEAD'
  const headers: string[] = []
  // 204 has neither (RFC 9110 Section 8.6).
  if (reply.status !== 204)
    headers.push('Content-Type', reply.contentType, 'Content-Length', String(bytes))
  headers.push('Cache-Control', reply.cacheControl ?? 'no-store')
  headers.push('X-Content-Type-Options', 'nosniff')
  headers.push('X-Request-Id', exchange.requestId)
  if (reply.headers) headers.push(...reply.headers)
  const rest = restOfRequest(exchange)
  if (rest === 'endless' || exchange.isDraining()) headers.push('Connection', 'close')
  // Named, or node would take the reason phrase of an attempt that failed before.
  writeHead(response, reply.status, STATUS_CODES[reply.status] as string, headers)
  if (rest !== 'endless') {
    const isLatin = bytes === reply.body.length
    if (isLatin && hasContent) exchange.departures.add(new WholeAnswer(response, reply.body))
    else response.end(reply.body)
    if (rest === 'short') discardInTime(exchange)
    return
  }
  if (!hasContent) response.flushHeaders()
  else response.write(reply.body)
  finishAfterRest(exchange)
}

/** Answers with a value as JSON. */
export const sendJson = (exchange: Exchange, status: number, value: object): void =>
  send(exchange, { status, contentType: 'application/json', body: JSON.stringify(value) })

/** Answers 204, which has no body. */
export const sendNoContent = (exchange: Exchange): void =>
  send(exchange, { status: 204, contentType: '', body: '' })

/**
 * Writes the status line and `headers`, names and values in turn, with their order and duplicates.
 * @throws TypeError for a reason phrase or a field that cannot be written; nothing is written then
 */
const writeHead = (
  response: ServerResponse,
  status: number,
  reason: string,
  headers: readonly string[],
): void => {
  if (response.getHeaderNames().length === 0) {
    response.writeHead(status, reason, headers as string[])
    return
  }
  // A program in front of the gateway has set fields: node would fold the duplicates of ours now.
  for (let i = 0; i < headers.length; i += 2) response.removeHeader(headers[i] as string)
  for (let i = 0; i < headers.length; i += 2)
    response.appendHeader(headers[i] as string, headers[i + 1] as string)
  response.writeHead(status, reason)
}

/** As `writeHead`; gives the code of what cannot be written, such as a control byte in `reason`. */
export const tryWriteHead = (
  { response }: Exchange,
  status: number,
  reason: string,
  headers: readonly string[],
): string | undefined => {
  try {
    writeHead(response, status, reason, headers)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code as string
  }
  return undefined
}

/** Answers with a problem document (RFC 9457): `title`, `status`, `code`, `detail`, `request_id`. */
export const sendProblem = (
  exchange: Exchange,
  code: ErrorCode,
  { headers = [], errors }: ProblemExtras = {},
): void => {
  const { status } = ERRORS[code]
  const { requestId } = exchange
  exchange.reason ??= code
  send(exchange, {
    status,
    contentType: PROBLEM_TYPE,
    // An id is a UUID, or of characters that JSON has as they are.
    body: errors
      ? problemBody(code, { request_id: requestId, errors })
      : `${BEGINNINGS[code]},"request_id":"${requestId}"}`,
    headers: status === 503 ? [...headers, 'Retry-After', String(RETRY_AFTER_SECONDS)] : headers,
  })
}

export const PROBLEM_TYPE = 'application/problem+json'

/** The JSON of a problem document. */
export const problemBody = (code: ErrorCode, members: Record<string, unknown> = {}): string => {
  const rest = JSON.stringify(members)
  return rest === '{}' ? `${BEGINNINGS[code]}}` : `${BEGINNINGS[code]},${rest.slice(1)}`
}

// What all problems with the same code have in common, without the brace at the end.
const BEGINNINGS = Object.fromEntries(
  Object.entries(ERRORS).map(([code, { status, detail }]) => [
    code,
    JSON.stringify({ title: STATUS_CODES[status], status, code, detail }).slice(0, -1),
  ]),
) as Record<ErrorCode, string>

/**
 * Ends a response that was written whole before the request was read: takes what the client still
 * sends, within a bound, so that it can read the answer before the connection is closed.
 */
export const finishAfterRest = (exchange: Exchange): void => {
  const { request, response } = exchange
  exchange.isWhole = true
  if (request.complete || exchange.awaitsContinue) {
    response.end()
    return
  }
  let bytes = 0
  const finish = (): void => {
    deadline.clear()
    request.off('data', count)
    response.end()
  }
  const count = (chunk: Buffer): void => {
    bytes += chunk.length
    if (bytes > LINGER_BYTES) finish()
  }
  const deadline = exchange.deadlines.start(LINGER_MS, finish)
  request.on('data', count).once('end', finish)
  response.once('close', () => deadline.clear())
  request.resume()
}

const RETRY_AFTER_SECONDS = 1
const LINGER_BYTES = 262_144
const LINGER_MS = 1_000
const SHORT_BYTES = 65_536
const SHORT_MS = 5_000

// `short`: the rest is so little that the connection can be kept.
const restOfRequest = ({
  request,
  framing,
  awaitsContinue,
  isDraining,
}: Exchange): 'none' | 'short' | 'endless' => {
  if (framing.kind === 'none') return 'none'
  if (framing.kind === 'unchecked') return 'endless'
  if (request.complete) return 'none'
  return framing.kind === 'length' &&
    framing.bytes <= SHORT_BYTES &&
    !awaitsContinue &&
    !isDraining()
    ? 'short'
    : 'endless'
}

const discardInTime = ({ request, deadlines }: Exchange): void => {
  const deadline = deadlines.start(SHORT_MS, () => request.socket.destroy())
  request.once('close', () => deadline.clear())
  request.resume()
}
