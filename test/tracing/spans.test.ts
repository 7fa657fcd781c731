import * as api from '@opentelemetry/api'
import {
  AlwaysOffSampler,
  ParentBasedSampler,
  type ReadableSpan,
} from '@opentelemetry/sdk-trace-base'
import t from 'tap'
import { bearer, NOWHERE, startGateway } from '../support/gateways.js'
import { hasHead } from '../support/raw-requests.js'
import { OK_EMPTY, startRawService, startService } from '../support/services.js'
import { createRecorder, summaryOf } from '../support/spans.js'
import { until } from '../support/until.js'

const TRACE = '0af7651916cd43dd8448eb211c80319c'
const SPAN = 'b7ad6b7169203331'
const GOOD = `00-${TRACE}-${SPAN}-01`
const TRUSTING = { trustProxy: ['127.0.0.1'] }

const idsOf = (span: ReadableSpan | undefined) => ({
  ...span?.spanContext(),
  parentId: span?.parentSpanContext?.spanId,
})

t.test('a request is a span, and below it is one that the service continues', async (t) => {
  const service = await startService(t)
  const recorder = createRecorder(t)
  const { origin, port, lastRequest } = await startGateway(t, { upstream: service.url }, recorder)
  const headers = { ...bearer(), 'User-Agent': 'a'.repeat(300), Traceparent: GOOD }
  await fetch(`${origin}/v1/proxy/reset/secret?code=secret`, { headers })
  const spans = await recorder.take()
  t.same(spans.map(summaryOf), [
    {
      name: 'GET /v1/proxy/*',
      kind: 'SERVER',
      status: 'UNSET',
      attributes: {
        'http.request.method': 'GET',
        'url.scheme': 'http',
        'network.protocol.version': '1.1',
        'server.address': '127.0.0.1',
        'server.port': port,
        'user_agent.original': 'a'.repeat(256),
        'http.route': '/v1/proxy/*',
        'http.response.status_code': 200,
      },
      events: 0,
    },
    {
      name: 'GET',
      kind: 'CLIENT',
      status: 'UNSET',
      attributes: {
        'http.request.method': 'GET',
        'network.protocol.version': '1.1',
        'server.address': '127.0.0.1',
        'server.port': service.port,
        'http.response.status_code': 200,
      },
      events: 0,
    },
  ])
  const [server, client] = spans.map(idsOf)
  t.equal(server?.parentId, undefined, 'nobody believes an untrusted client')
  t.not(server?.traceId, TRACE)
  t.equal(client?.parentId, server?.spanId)
  const sent = `00-${server?.traceId}-${client?.spanId}-01`
  t.match(service.requests[0]?.headers, { traceparent: sent, tracestate: undefined })
  t.match(lastRequest(), { traceId: server?.traceId, spanId: server?.spanId })
})

t.test('a trusted peer’s span is the parent, and its tracestate goes on', async (t) => {
  const service = await startService(t)
  const sampler = new ParentBasedSampler({ root: new AlwaysOffSampler() })
  const recorder = createRecorder(t, sampler)
  const options = { upstream: service.url, ...TRUSTING }
  const { origin } = await startGateway(t, options, recorder)
  const send = async (fields: Record<string, string>) => {
    await fetch(`${origin}/v1/proxy/`, { headers: { ...bearer(), ...fields } })
    return service.requests.pop()?.headers
  }
  const asked = { 'X-Forwarded-Host': 'public.example', 'X-Forwarded-Proto': 'https' }
  const sent = await send({ traceparent: GOOD, tracestate: 'congo=1, rojo=2', ...asked })
  const spans = await recorder.take()
  t.match(spans[0]?.attributes, {
    'url.scheme': 'https',
    'server.address': 'public.example',
    'server.port': 443,
  })
  const [server, client] = spans.map(idsOf)
  t.match(server, { traceId: TRACE, parentId: SPAN })
  t.match(client, { traceId: TRACE, parentId: server?.spanId })
  t.match(sent, { traceparent: `00-${TRACE}-${client?.spanId}-01`, tracestate: 'congo=1,rojo=2' })
  t.match(await send({}), { traceparent: /^00-.*-00$/ }, 'the sampler decides')
  t.match(await send({ traceparent: `00-${TRACE}-${SPAN}-00` }), {
    traceparent: new RegExp(`^00-${TRACE}-(?!${SPAN}).*-00$`),
  })
  t.equal(recorder.openCount, 0)
})

t.test('what the package does without an SDK is as if it were not there', async (t) => {
  const service = await startService(t)
  const options = { upstream: service.url, ...TRUSTING }
  const { origin } = await startGateway(t, options, { opentelemetry: api })
  for (const fields of [{}, { traceparent: GOOD }]) {
    await fetch(`${origin}/v1/proxy/`, { headers: { ...bearer(), ...fields } as HeadersInit })
    const { traceparent } = service.requests.pop()?.headers ?? {}
    t.match(traceparent, /^00-(?!0{32}).{32}-(?!0{16}).{16}-01$/)
    t.notMatch(traceparent, SPAN)
  }
})

t.test('each time that a request is sent is a span of its own', async (t) => {
  let isBroken = false
  const service = await startRawService(t, (connection) => {
    const { socket } = connection
    if (isBroken) {
      isBroken = false
      socket.resetAndDestroy()
    } else if (hasHead(connection)) socket.write(OK_EMPTY)
  })
  const recorder = createRecorder(t)
  const options = { upstream: [NOWHERE, service.url] }
  const { origin } = await startGateway(t, options, recorder)
  const send = async () => {
    t.equal((await fetch(`${origin}/v1/proxy/`, { headers: bearer() })).status, 200)
    return recorder.take()
  }
  const sentIds = (): string[] =>
    service.connections.flatMap(({ received }) =>
      [...received.matchAll(/^traceparent: 00-.{32}-(.{16})/gm)].map(([, id = '']) => id),
    )
  let spans: ReadableSpan[] = []
  await until('it went to another target', async () => (spans = await send()).length === 3)
  const [server, failed, second] = spans
  t.match(failed && summaryOf(failed), {
    status: 'ERROR',
    attributes: { 'server.port': 9, 'error.type': 'ECONNREFUSED' },
  })
  t.notOk('http.request.resend_count' in (failed?.attributes ?? {}))
  t.match(second && summaryOf(second), {
    status: 'UNSET',
    attributes: { 'http.request.resend_count': 1, 'http.response.status_code': 200 },
  })
  t.equal(server && summaryOf(server).status, 'UNSET')
  for (const span of [failed, second]) t.equal(idsOf(span).parentId, idsOf(server).spanId)
  t.equal(sentIds().at(-1), idsOf(second).spanId)
  isBroken = true
  await until('a kept connection had died', async () => {
    spans = await send()
    return spans.length > 1 && !isBroken
  })
  const reset = spans.find(({ attributes }) => attributes['error.type'] === 'ECONNRESET')
  t.equal(reset?.status.code, api.SpanStatusCode.ERROR)
  t.same(new Set(sentIds()).size, sentIds().length, 'each has an id of its own')
})
