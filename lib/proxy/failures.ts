import type { ErrorCode } from '../errors.js'
import type { Attempt } from './attempt.js'

/** What a target says when it is not able to answer. */
export const FAILURES: ReadonlySet<number | undefined> = new Set([502, 503, 504])

/** What a client is told of a target that failed without an answer. */
export const codeOf = (phase: Attempt['phase'], cause: string): ErrorCode => {
  if (cause === 'timeout') return 'upstream_timeout'
  return phase === 'connecting' ? 'upstream_unreachable' : 'upstream_failed'
}
