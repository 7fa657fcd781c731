import type { IncomingMessage } from 'node:http'
import { ERRORS } from '../errors.js'
import type { Client } from '../http/client-address.js'
import type { RequestOutcome, Trace, TraceTarget } from '../http/trace.js'
import { clientAttributes, nameOf, serverAttributes } from './attributes.js'
import {
  KIND_CLIENT,
  KIND_SERVER,
  STATUS_ERROR,
  type OpenTelemetry,
  type Span,
  type Tracer,
} from './opentelemetry.js'
import { pushTraceContext, type TraceContext } from './trace-context.js'

type BeginSpans = (
  request: IncomingMessage,
  client: Client,
  parent: TraceContext | undefined,
) => Trace | undefined

/**
 * Traces that the program records: a span for each request, and one below it for each time that the
 * request is sent on. `undefined` as long as the program has registered nothing that records.
 */
export const createSpans = (api: OpenTelemetry): BeginSpans => {
  const { trace, ROOT_CONTEXT } = api
  const tracer = trace.getTracer('passport-gateway')
  return (request, client, parent) => {
    // Whatever span is current in the program is none of a peer that is trusted.
    const above = parent
      ? trace.setSpanContext(ROOT_CONTEXT, {
          traceId: parent.traceId,
          spanId: parent.parentId,
          traceFlags: parent.flags,
          isRemote: true,
          ...(parent.state && { traceState: api.createTraceState(parent.state) }),
        })
      : ROOT_CONTEXT
    const attributes = serverAttributes(request, client)
    const span = tracer.startSpan(nameOf(request), { kind: KIND_SERVER, attributes }, above)
    // A tracer that does nothing gives the parent's id, or none.
    if (span.spanContext().spanId === (parent?.parentId ?? NO_SPAN)) return undefined
    return new SpanTrace(request, span, tracer, trace.setSpan(ROOT_CONTEXT, span))
  }
}

const NO_SPAN = '0'.repeat(16)

class SpanTrace implements Trace {
  readonly traceId: string
  readonly spanId: string
  readonly #request: IncomingMessage
  readonly #server: Span
  readonly #tracer: Tracer
  readonly #below: unknown
  #try: Span | undefined
  #tries = 0
  #isTryOver = false

  constructor(request: IncomingMessage, server: Span, tracer: Tracer, below: unknown) {
    const { traceId, spanId } = server.spanContext()
    this.traceId = traceId
    this.spanId = spanId
    this.#request = request
    this.#server = server
    this.#tracer = tracer
    this.#below = below
  }

  tried(target: TraceTarget): void {
    const attributes = clientAttributes(this.#request, target, this.#tries++)
    const options = { kind: KIND_CLIENT, attributes }
    this.#try = this.#tracer.startSpan(nameOf(this.#request), options, this.#below)
    this.#isTryOver = false
  }

  pushFields(out: string[]): void {
    const span = this.#try as Span // the request is sent in a try
    const { traceId, spanId, traceFlags, traceState } = span.spanContext()
    pushTraceContext(out, traceId, spanId, traceFlags, traceState?.serialize())
  }

  answered(status: number): void {
    this.#isTryOver = true
    this.#try?.setAttribute('http.response.status_code', status)
    if (status >= 400) this.#blame(String(status))
  }

  failed(cause: string): void {
    this.#isTryOver = true
    this.#blame(cause)
  }

  left(): void {
    if (!this.#isTryOver) this.#try?.setAttribute('error.type', ABORTED)
    this.#try?.end()
    this.#try = undefined
  }

  ended({ route, status, aborted, reason }: RequestOutcome): void {
    if (aborted) this.#try?.setAttribute('error.type', ABORTED)
    this.left()
    const server = this.#server
    if (route !== '-') {
      server.updateName(`${nameOf(this.#request)} ${route}`)
      server.setAttribute('http.route', route)
    }
    if (status > 0) server.setAttribute('http.response.status_code', status)
    const problem = aborted ? ABORTED : String(status)
    if (aborted || status >= 500) server.setAttribute('error.type', reason ?? problem)
    if (status >= 500 || (aborted && isOurs(reason))) server.setStatus({ code: STATUS_ERROR })
    server.end()
  }

  #blame(type: string): void {
    this.#try?.setAttribute('error.type', type)
    this.#try?.setStatus({ code: STATUS_ERROR })
  }
}

/** The `error.type` of what its client did not wait for. */
const ABORTED = 'aborted'

// Half an answer whose service broke off has the status of a whole one.
const isOurs = (reason = ''): boolean =>
  Object.hasOwn(ERRORS, reason) && ERRORS[reason as keyof typeof ERRORS].status >= 500
