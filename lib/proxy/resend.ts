import type { Exchange } from '../http/exchange.js'

/** Whether a request may be sent twice: it is idempotent (RFC 9110 Section 9.2.2) and has no body. */
export const isRepeatable = ({ request, framing }: Exchange): boolean =>
  framing.kind === 'none' && IDEMPOTENT.has(request.method as string)

// Of the idempotent methods in the IANA registry those that go without a body.
const IDEMPOTENT: ReadonlySet<string> = new Set(
  'GET HEAD OPTIONS PUT DELETE PROPFIND REPORT SEARCH QUERY'.split(' '),
)
