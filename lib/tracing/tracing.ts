import type { BeginTrace } from '../http/trace.js'
import type { OpenTelemetry } from './opentelemetry.js'
import { createPlainTraces, type PlainTracesOptions } from './plain-traces.js'
import { createSpans } from './spans.js'
import { readTraceContext } from './trace-context.js'

export type { OpenTelemetry } from './opentelemetry.js'

/**
 * Which trace a request belongs to: that of a trusted peer, or a new one. `api` is what the program
 * records traces with; without it they are only passed on.
 */
export const createTracing = (
  options: PlainTracesOptions,
  api: OpenTelemetry | undefined,
): BeginTrace => {
  const plain = createPlainTraces(options)
  const spans = api && createSpans(api)
  return (request, client) => {
    // Of anyone else it could be made up.
    const parent = client.isTrustedPeer ? readTraceContext(request.rawHeaders) : undefined
    return spans?.(request, client, parent) ?? plain(parent)
  }
}
