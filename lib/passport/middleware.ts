import {
  createPassportReader,
  type Anonymous,
  type PassportFor,
  type PassportReaderOptions,
  type PassportRejection,
} from './reader.js'

/** What is used of a request: node, Connect, Express and Fastify have it. */
export interface PassportRequest {
  method?: string | undefined
  url?: string | undefined
  /** `url` as it came, where a router has cut it. */
  originalUrl?: string | undefined
  headers: Readonly<Record<string, string | readonly string[] | undefined>>
}

/** A request of which the passport has been read. */
export type WithPassport<A extends Anonymous> = PassportRequest & { passport?: PassportFor<A> }

export interface NodeResponse {
  writeHead(status: number, headers: Record<string, string>): unknown
  end(body: string): unknown
}

export interface FastifyReplyLike {
  code(status: number): unknown
  headers(headers: Record<string, string>): unknown
  send(body: string): unknown
}

export type RequirePassportOptions<A extends Anonymous = 'refuse'> = PassportReaderOptions<A> & {
  /** `request`: only a signature that is bound to this method and path counts. Default: an unbound one. */
  bind?: 'request'
  /** Told of each request that is refused; the client is not told the reason. */
  onRefused?(this: void, reason: PassportRejection, request: PassportRequest): void
}

export type Guard<A extends Anonymous, R> = (
  request: WithPassport<A>,
  response: R,
  next: () => void,
) => void

/**
 * A middleware for node:http, Connect and Express: sets `request.passport`, or answers 401.
 * @throws RangeError for options that are not valid, a secret that is missing among them
 */
export const requirePassport = <A extends Anonymous = 'refuse'>(
  options: RequirePassportOptions<A>,
): Guard<A, NodeResponse> =>
  createGuard(options, (response) => {
    response.writeHead(401, HEADERS)
    response.end(BODY)
  })

/**
 * The same for Fastify: `app.addHook('onRequest', passportHook(options))`.
 * @throws RangeError for options that are not valid, a secret that is missing among them
 */
export const passportHook = <A extends Anonymous = 'refuse'>(
  options: RequirePassportOptions<A>,
): Guard<A, FastifyReplyLike> =>
  createGuard(options, (reply) => {
    reply.code(401)
    reply.headers(HEADERS)
    reply.send(BODY)
  })

const createGuard = <A extends Anonymous, R>(
  options: RequirePassportOptions<A>,
  refuse: (response: R) => void,
): Guard<A, R> => {
  const { bind, onRefused } = options
  if (bind !== undefined && bind !== 'request') throw new RangeError("bind can only be 'request'")
  const read = createPassportReader(options)
  return (request, response, next) => {
    const { method, url, originalUrl: path = url } = request
    const reading = read(request.headers, bind && { method, path })
    if (reading.ok) {
      request.passport = reading.passport
      return next()
    }
    onRefused?.(reading.reason, request)
    refuse(response)
  }
}

const BODY = '{"title":"Unauthorized","status":401,"code":"passport_required"}'

const HEADERS = {
  'Content-Type': 'application/problem+json',
  'Content-Length': String(BODY.length),
  'Cache-Control': 'no-store',
  'WWW-Authenticate': 'Bearer', // a 401 must name a scheme (RFC 9110 Section 15.5.2): the gateway's
}
