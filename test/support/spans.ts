import * as api from '@opentelemetry/api'
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
  type ReadableSpan,
  type Sampler,
} from '@opentelemetry/sdk-trace-base'
import type { Test } from 'tap'
import type { OpenTelemetry } from '../../lib/index.js'
import { until } from './until.js'

/** What the program records traces with, and what it has recorded. */
export interface Recorder {
  opentelemetry: OpenTelemetry
  /** Resolves to the spans of one request, once all that were begun have ended: its own is the first. */
  take: () => Promise<ReadableSpan[]>
  /** How many have begun and not ended. */
  readonly openCount: number
}

/** OpenTelemetry's own SDK, of this test alone. Its complaints (a span that ends twice) fail the test. */
export const createRecorder = (t: Test, sampler?: Sampler): Recorder => {
  let openCount = 0
  const exporter = new InMemorySpanExporter()
  const counting = {
    onStart: () => void openCount++,
    onEnd: () => void openCount--,
    forceFlush: async () => {},
    shutdown: async () => {},
  }
  const provider = new BasicTracerProvider({
    spanProcessors: [counting, new SimpleSpanProcessor(exporter)],
    ...(sampler && { sampler }),
  })
  const complain = (message: string): void => void t.fail(message)
  const logger = { error: complain, warn: complain, info() {}, debug() {}, verbose() {} }
  api.diag.setLogger(logger, { suppressOverrideMessage: true })
  return {
    opentelemetry: {
      ROOT_CONTEXT: api.ROOT_CONTEXT,
      createTraceState: api.createTraceState,
      trace: {
        getTracer: (name) => provider.getTracer(name),
        setSpan: (context, span) =>
          api.trace.setSpan(context as api.Context, span as unknown as api.Span),
        setSpanContext: (context, spanContext) =>
          api.trace.setSpanContext(context as api.Context, spanContext as api.SpanContext),
      },
    },
    take: async () => {
      const ended = () => exporter.getFinishedSpans()
      const isServer = ({ kind }: ReadableSpan): boolean => kind === api.SpanKind.SERVER
      await until('the spans end', () => openCount === 0 && ended().some(isServer))
      const spans = ended().sort((a, b) => Number(isServer(b)) - Number(isServer(a)))
      exporter.reset()
      return spans
    },
    get openCount() {
      return openCount
    },
  }
}

/** What the tests look at in a span. */
export const summaryOf = ({ name, kind, status, attributes, events }: ReadableSpan) => ({
  name,
  kind: api.SpanKind[kind],
  status: api.SpanStatusCode[status.code],
  attributes,
  events: events.length,
})
