import { valuesOf, type RawHeaders } from '../http/headers.js'

/**
 * Whether a request has been through the gateway that calls itself `via`, as that writes it
 * (`1.1 name`), before (RFC 9110 Section 7.6.3).
 */
export const isLoop = (raw: RawHeaders, via: string): boolean => {
  const hops = valuesOf(raw, 'via')
  if (hops.length === 0) return false
  const name = via.slice(via.indexOf(' '))
  return hops.some((value) => value.split(',').some((hop) => hop.trim().endsWith(name)))
}
