import type { Exchange } from './exchange.js'
import { sendProblem } from './respond.js'

/** A quota that is used up. */
export interface UsedUp {
  /** Its name. */
  policy: string
  quota: number
  windowMs: number
  /** Until there is more, in milliseconds. */
  resetMs: number
}

/**
 * Answers 429 with `Retry-After` (RFC 6585 Section 4), and the fields of
 * draft-ietf-httpapi-ratelimit-headers-10; all in seconds.
 */
export const sendTooMany = (
  exchange: Exchange,
  { policy, quota, windowMs, resetMs }: UsedUp,
): void => {
  const seconds = (ms: number): number => Math.max(1, Math.ceil(ms / 1000))
  exchange.reason = `too_many_by_${policy}`
  sendProblem(exchange, 'too_many_requests', {
    headers: [
      'Retry-After',
      `${seconds(resetMs)}`,
      'RateLimit-Policy',
      `"${policy}";q=${quota};w=${seconds(windowMs)}`,
      'RateLimit',
      `"${policy}";r=0;t=${seconds(resetMs)}`,
    ],
  })
}
