import type { Exchange } from '../http/exchange.js'
import { valuesOf } from '../http/headers.js'

/**
 * Whether a request may be sent twice: its method is idempotent (RFC 9110 Section 9.2.2), or it
 * carries an `Idempotency-Key`, by which the service knows the second from a new one.
 */
export const isRepeatable = ({ request }: Exchange): boolean => {
  if (IDEMPOTENT.has(request.method as string)) return true
  const [key = '', ...others] = valuesOf(request.rawHeaders, 'idempotency-key')
  return others.length === 0 && /^[\x21-\x7e]{1,257}$/.test(key) && key !== '""'
}

// The idempotent methods in the IANA registry of those that node's parser knows.
const IDEMPOTENT: ReadonlySet<string> = new Set(
  `ACL BIND CHECKOUT COPY DELETE GET HEAD LINK MERGE MKACTIVITY MKCALENDAR MKCOL MOVE OPTIONS PROPFIND
  PROPPATCH PUT QUERY REBIND REPORT SEARCH UNBIND UNLINK UNLOCK`.split(/\s+/),
)
