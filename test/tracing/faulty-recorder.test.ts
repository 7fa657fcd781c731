import t from 'tap'
import type { OpenTelemetry } from '../../lib/index.js'
import { bearer, startGateway } from '../support/gateways.js'
import { startService } from '../support/services.js'
import { until } from '../support/until.js'

const SPAN_CONTEXT = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: 1 }

/** What records traces, of which one function throws at its `at`-th call and from then on. */
const recorderWith = (faulty: string, at = 1): { opentelemetry: OpenTelemetry } => {
  let calls = 0
  const fails = <T>(name: string, value: T): T => {
    if (name === faulty && ++calls >= at) throw new RangeError('what nobody should read')
    return value
  }
  const span = {
    spanContext: () => fails('spanContext', SPAN_CONTEXT),
    setAttribute: () => fails('setAttribute', undefined),
    setStatus: () => fails('setStatus', undefined),
    updateName: () => fails('updateName', undefined),
    end: () => fails('end', undefined),
  }
  return {
    opentelemetry: {
      ROOT_CONTEXT: {},
      createTraceState: () => ({ serialize: () => '' }),
      trace: {
        getTracer: () => ({ startSpan: () => fails('startSpan', span) }),
        setSpan: () => fails('setSpan', {}),
        setSpanContext: () => ({}),
      },
    },
  }
}

for (const [faulty, at, continues] of [
  ['startSpan', 1, 'a trace without spans'],
  ['startSpan', 2, undefined],
  ['setSpan', 1, 'a trace without spans'],
  ['spanContext', 1, 'a trace without spans'],
  ['spanContext', 3, undefined],
  ['setAttribute', 1, 'that of the span'],
  ['updateName', 1, 'that of the span'],
  ['end', 1, 'that of the span'],
] as const)
  t.test(`a request goes on where the program's tracing throws: ${faulty}, ${at}`, async (t) => {
    let traceparent: unknown
    const service = await startService(t, ({ headers }, response) => {
      traceparent = headers.traceparent
      response.end('hello')
    })
    const { origin, events } = await startGateway(
      t,
      { upstream: service.url },
      recorderWith(faulty, at),
    )
    const response = await fetch(`${origin}/v1/proxy/a`, { headers: bearer() })
    t.equal(response.status, 200)
    t.equal(await response.text(), 'hello')
    await until('it is over', () => events.some(({ event }) => event === 'request'))
    const faults = events.filter(({ event }) => event === 'tracing_failed')
    t.match(faults, [{ error: 'RangeError', at: /faulty-recorder/ }])
    t.equal(faults.length, 1, 'it is said once')
    t.notOk(JSON.stringify(events).includes('nobody should read'))
    if (continues === undefined) t.equal(traceparent, undefined)
    else t.equal(/^00-a{32}-b{16}-01$/.test(String(traceparent)), continues === 'that of the span')
  })
