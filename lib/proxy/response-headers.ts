import type { Exchange } from '../http/exchange.js'
import { pushEndToEnd, valuesOf, type RawHeaders } from '../http/headers.js'
import { isReserved } from './reserved-names.js'
import { pushAnnounced } from './trailers.js'

export interface ResponseHeadersOptions {
  status: number
  /** The value of `X-Proxy-State`, for the hop in front. */
  segment: string
}

/** The fields of the answer to the client, without those that only a service may see. */
export const responseHeaders = (
  { request, requestId, canonicalOf }: Exchange,
  raw: RawHeaders,
  { status, segment }: ResponseHeadersOptions,
): string[] => {
  const headers: string[] = []
  // `Expect` is a word of requests, for which node would send the head at once, as UTF-8.
  // A 204 and a 101 have no content, so no length of it either (RFC 9110 Section 8.6).
  const isDropped = (name: string): boolean =>
    isReserved(name) ||
    name === 'x-request-id' ||
    name === 'expect' ||
    (name === 'content-length' && (status === 204 || status < 200))
  pushEndToEnd(headers, raw, isDropped, canonicalOf)
  const hasBody = request.method !== 'HEAD' && status >= 200 && status !== 204 && status !== 304
  const isChunked = hasBody && request.httpVersionMinor > 0 && isCoded(raw)
  if (isChunked) pushAnnounced(headers, raw) // node refuses to announce what it cannot send
  headers.push('X-Request-Id', requestId, 'Via', VIA, 'X-Proxy-State', segment)
  return headers
}

const isCoded = (raw: RawHeaders): boolean => valuesOf(raw, 'transfer-encoding').length > 0

/** This hop in `Via` (RFC 9110 Section 7.6.3). */
export const VIA = '1.1 passport-gateway'
