import { pushEndToEnd, valuesOf, type RawHeaders } from '../http/headers.js'

/** Names that only the gateway may give to the service behind, in their canonical form. */
export const isReserved = (canonical: string): boolean =>
  canonical.startsWith('x-p') &&
  (canonical.startsWith('x-passport') || canonical === 'x-proxy-state')

export interface ResponseHeadersOptions {
  /** The value of `X-Proxy-State`, for the hop in front. */
  segment: string
  requestId: string
  /** A 204 has no content, so no length of it either (RFC 9110 Section 8.6). */
  hasNoContent: boolean
}

/** The fields of the answer to the client, without those that only a service may see. */
export const responseHeaders = (
  raw: RawHeaders,
  { segment, requestId, hasNoContent }: ResponseHeadersOptions,
): string[] => {
  const headers: string[] = []
  const isDropped = (name: string): boolean =>
    isReserved(name) || name === 'x-request-id' || (hasNoContent && name === 'content-length')
  pushEndToEnd(headers, raw, isDropped)
  headers.push('X-Request-Id', requestId, 'Via', VIA, 'X-Proxy-State', segment)
  return headers
}

/** Whether the body is coded for transfer in no other way than chunked, which is undone here. */
export const isPlainlyFramed = (raw: RawHeaders): boolean => {
  const codings = valuesOf(raw, 'transfer-encoding')
  return codings.length === 0 || (codings.length === 1 && /^chunked$/i.test(codings[0] as string))
}

/** This hop in `Via` (RFC 9110 Section 7.6.3). */
export const VIA = '1.1 passport-gateway'
