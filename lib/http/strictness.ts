import type { IncomingMessage } from 'node:http'
import type { ErrorCode } from '../errors.js'
import { parseFraming, type Framing } from './framing.js'
import { valuesOf } from './headers.js'
import { parseTarget, type Target } from './target.js'

/** A request that passed every check that comes before routing. */
export interface CheckedRequest extends Target {
  framing: Framing
  /** The one Host; undefined only for HTTP/1.0, which need not send it. */
  host: string | undefined
}

export interface RequestLimits {
  /** How many header lines a request may have. */
  limitHeaders: number
  /** How long its target may be, in bytes. */
  limitTargetBytes: number
}

/**
 * What node's parser lets through and RFC 9112 does not: other versions, too many field lines, a
 * target that is too long, a Host that is missing, double or malformed, an unknown expectation, faulty framing, an ambiguous
 * target.
 */
export const checkRequest = (
  request: IncomingMessage,
  { limitHeaders, limitTargetBytes }: RequestLimits,
): CheckedRequest | ErrorCode => {
  if (request.httpVersionMajor !== 1) return 'unsupported_http_version'
  if (request.rawHeaders.length > 2 * limitHeaders) return 'headers_too_large'
  const url = request.url as string // set on every server-side request
  if (url.length > limitTargetBytes) return 'target_too_long'
  const hosts = valuesOf(request.rawHeaders, 'host')
  const [host] = hosts
  if (hosts.length > 1 || (host === undefined ? request.httpVersionMinor > 0 : !HOST.test(host)))
    return 'invalid_host'
  const { expect } = request.headers
  if (expect !== undefined && expect.toLowerCase() !== '100-continue') return 'expectation_failed'
  const framing = parseFraming(request)
  if (typeof framing === 'string') return framing
  const target = parseTarget(url, host)
  return target ? { path: target.path, query: target.query, framing, host } : 'invalid_target'
}

// uri-host [ ":" port ] (RFC 9110 Section 7.2), without the sub-delims that no host name has.
const HOST = /^(?:[a-z0-9._~-]+|\[[0-9a-f:.]{2,45}\])(?::\d{1,5})?$/i
