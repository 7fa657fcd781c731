/**
 * What is used of the package `@opentelemetry/api`, from 1.4 on: `import * as opentelemetry from
 * '@opentelemetry/api'`. Known by its shape, so that nothing here depends on the package.
 */
export interface OpenTelemetry {
  readonly ROOT_CONTEXT: unknown
  readonly trace: {
    getTracer(name: string): Tracer
    setSpan(context: unknown, span: Span): unknown
    setSpanContext(context: unknown, spanContext: SpanContext): unknown
  }
  createTraceState(value: string): TraceState
}

export interface Tracer {
  startSpan(name: string, options: SpanOptions, context: unknown): Span
}

export type Attributes = Record<string, string | number>

interface SpanOptions {
  kind: number
  attributes: Attributes
}

export interface Span {
  spanContext(): SpanContext
  setAttribute(name: string, value: string | number): unknown
  setStatus(status: { code: number }): unknown
  updateName(name: string): unknown
  end(): void
}

interface SpanContext {
  traceId: string
  spanId: string
  traceFlags: number
  isRemote?: boolean
  traceState?: TraceState
}

interface TraceState {
  serialize(): string
}

/** `SpanKind` and `SpanStatusCode` of the API, whose numbers its specification fixes. */
export const KIND_SERVER = 1
export const KIND_CLIENT = 2
export const STATUS_ERROR = 2
