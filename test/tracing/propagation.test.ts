// What the service behind and the log are told of a trace, where nothing records it here.
import type { Test } from 'tap'
import t from 'tap'
import type { GatewayOptions } from '../../lib/index.js'
import { bearer, NOWHERE, startGateway } from '../support/gateways.js'
import { exchangeRaw } from '../support/raw-client.js'
import { AUTHORIZATION, hasHead } from '../support/raw-requests.js'
import { OK_EMPTY, startRawService, startService } from '../support/services.js'
import { until } from '../support/until.js'
import { openWebSocket, startWebSocketService } from '../support/websockets.js'

const TRACE = '0af7651916cd43dd8448eb211c80319c'
const SPAN = 'b7ad6b7169203331'
const GOOD = `00-${TRACE}-${SPAN}-01`
const TRUSTING = { trustProxy: ['127.0.0.1'] }

type Fields = Record<string, string>

/** A gateway and a service, and what that gets of a trace. */
const startPair = async (t: Test, options: Partial<GatewayOptions>) => {
  const service = await startService(t)
  const gateway = await startGateway(t, { upstream: service.url, ...options })
  const send = async (fields: Fields) => {
    await fetch(`${gateway.origin}/v1/proxy/`, { headers: { ...bearer(), ...fields } })
    const { traceparent, tracestate } = service.requests.pop()?.headers ?? {}
    const [, traceId, spanId, flags] = String(traceparent).split('-')
    await until('it is logged', () => gateway.lastRequest() !== undefined)
    const logged = gateway.lastRequest()
    gateway.events.length = 0
    return { traceparent, tracestate, traceId, spanId, flags, logged }
  }
  return { ...gateway, service, send }
}

t.test('a trusted peer’s trace goes on, below a span of the gateway’s own', async (t) => {
  const { send } = await startPair(t, TRUSTING)
  const seen = new Set([SPAN])
  for (const flags of ['00', '01', '02', '03']) {
    const traceparent = `00-${TRACE}-${SPAN}-${flags}`
    const sent = await send({ traceparent, tracestate: 'congo=1, rojo=2' })
    t.match(sent, { traceId: TRACE, flags, tracestate: 'congo=1,rojo=2' })
    t.match(sent.logged, { traceId: TRACE, spanId: sent.spanId })
    t.match(sent.traceparent, /^00-[0-9a-f]{32}-[0-9a-f]{16}-0[0-3]$/)
    t.notOk(seen.has(String(sent.spanId)), 'a span of its own')
    seen.add(String(sent.spanId))
  }
  t.match(await send({ traceparent: `cc-${TRACE}-${SPAN}-01-more` }), {
    traceparent: /^00-/,
    traceId: TRACE,
    flags: '01',
    tracestate: undefined,
  })
  t.match(await send({ traceparent: GOOD, tracestate: 'no' }), {
    traceId: TRACE,
    tracestate: undefined,
  })
})

t.test('what anyone else sends of a trace reaches no service, and is not continued', async (t) => {
  const { send, service, port } = await startPair(t, { trustProxy: ['127.0.0.2'] })
  const fields = { traceparent: GOOD, tracestate: 'congo=1' }
  const sent = await send(fields)
  t.match(sent, { flags: '01', tracestate: undefined, logged: { traceId: sent.traceId } })
  t.not(sent.traceId, TRACE)
  t.not(sent.spanId, SPAN)
  await exchangeRaw(
    t,
    port,
    'POST /v1/proxy/ HTTP/1.1',
    'Host: a',
    AUTHORIZATION,
    'Connection: close, traceparent',
    `TraceParent: ${GOOD}`,
    'TraceState: congo=1',
    '',
    '',
  )
  const got = JSON.stringify(service.requests.pop())
  t.match(got, /"traceparent"/)
  for (const secret of [TRACE, SPAN, 'congo']) t.notMatch(got, secret)
})

t.test('where none came a trace begins, of random ids, for the log too', async (t) => {
  const { send } = await startPair(t, TRUSTING)
  const traces = new Set<unknown>()
  for (const fields of [
    {},
    {},
    { tracestate: 'congo=1' },
    { traceparent: 'no', tracestate: 'a=1' },
  ]) {
    const sent = await send(fields as Fields)
    t.match(sent.traceparent, /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-01$/)
    t.equal(sent.tracestate, undefined)
    t.match(sent.logged, { traceId: sent.traceId, spanId: sent.spanId })
    traces.add(sent.traceId)
  }
  t.equal(traces.size, 4)
})

t.test('with `start: false` none begins, and one that came goes on', async (t) => {
  const { send } = await startPair(t, { ...TRUSTING, tracing: { start: false } })
  for (const fields of [{}, { traceparent: 'no', tracestate: 'a=1' }]) {
    const { traceparent, tracestate, logged } = await send(fields as Fields)
    t.same([traceparent, tracestate], [undefined, undefined])
    t.notOk('traceId' in (logged ?? {}))
    t.notOk('spanId' in (logged ?? {}))
  }
  t.match(await send({ traceparent: GOOD }), { traceId: TRACE, logged: { traceId: TRACE } })
})

t.test('as many as `sampledPercent` says are marked as sampled, by their id', async (t) => {
  for (const sampledPercent of [0, 50]) {
    const { send } = await startPair(t, { ...TRUSTING, tracing: { sampledPercent } })
    for (let i = 0; i < 20; i++) {
      const { traceId = '', flags } = await send({})
      const isSampled = sampledPercent > 0 && /[89a-f].{7}$/.test(traceId)
      t.equal(flags, isSampled ? '01' : '00', traceId)
    }
    t.equal((await send({ traceparent: GOOD })).flags, '01', 'what came is kept')
  }
})

t.test('a request that is sent again, or to another target, is of the same trace', async (t) => {
  let isBroken = false
  const service = await startRawService(t, (connection) => {
    const { socket } = connection
    if (isBroken) {
      isBroken = false
      socket.resetAndDestroy()
    } else if (hasHead(connection)) socket.write(OK_EMPTY)
  })
  const options = { ...TRUSTING, upstream: [NOWHERE, service.url] }
  const { origin, events } = await startGateway(t, options)
  const headers = { ...bearer(), traceparent: GOOD, tracestate: 'congo=1' }
  const send = () => fetch(`${origin}/v1/proxy/`, { headers })
  const failures = () => events.filter(({ event }) => event === 'upstream_failed').length
  await until('it was sent to another target', async () => {
    t.equal((await send()).status, 200)
    return failures() > 0
  })
  isBroken = true
  t.equal((await send()).status, 200)
  const sent = service.connections.flatMap(({ received }) =>
    [...received.matchAll(/^traceparent: (.*)\r\ntracestate: congo=1\r$/gm)].map(([, one]) => one),
  )
  t.ok(sent.length >= 3)
  for (const one of sent) t.match(one, new RegExp(`^00-${TRACE}-(?!${SPAN})[0-9a-f]{16}-01$`))
  t.equal(sent.at(-1), sent.at(-2), 'the span is that of the request')
})

t.test('an upgrade continues its trace', async (t) => {
  const service = await startWebSocketService(t)
  const { port } = await startGateway(t, { upstream: service.url, ...TRUSTING })
  const headers = { ...bearer(), traceparent: GOOD, tracestate: 'congo=1' }
  await openWebSocket(t, port, { headers })
  t.match(service.requests[0]?.headers, {
    traceparent: new RegExp(`^00-${TRACE}-(?!${SPAN})[0-9a-f]{16}-01$`),
    tracestate: 'congo=1',
  })
})
