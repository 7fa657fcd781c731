import type { BeginTrace, Trace } from '../http/trace.js'
import { describeError, type Log } from '../log.js'
import { GuardedTrace } from './guarded-trace.js'
import type { OpenTelemetry } from './opentelemetry.js'
import { createPlainTraces, type PlainTracesOptions } from './plain-traces.js'
import { createSpans } from './spans.js'
import { readTraceContext } from './trace-context.js'

export type { OpenTelemetry } from './opentelemetry.js'

/**
 * Which trace a request belongs to: that of a trusted peer, or a new one. `api` is what the program
 * records traces with; without it they are only passed on. What it throws is logged, and hinders no request.
 */
export const createTracing = (
  options: PlainTracesOptions,
  api: OpenTelemetry | undefined,
  log: Log,
): BeginTrace => {
  const plain = createPlainTraces(options)
  const beginSpans = api && createSpans(api)
  const onError = (error: unknown): void =>
    log({ event: 'tracing_failed', ...describeError(error) })

  const record = (begin: () => Trace | undefined): Trace | undefined => {
    try {
      const trace = begin()
      return trace && new GuardedTrace(trace, onError)
    } catch (error) {
      onError(error)
      return undefined
    }
  }

  return (request, client) => {
    // Of anyone else it could be made up.
    const parent = client.isTrustedPeer ? readTraceContext(request.rawHeaders) : undefined
    const spans = beginSpans && record(() => beginSpans(request, client, parent))
    return spans ?? plain(parent)
  }
}
