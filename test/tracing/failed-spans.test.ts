import t from 'tap'
import { NOWHERE, startGateway } from '../support/gateways.js'
import { exchangeRaw } from '../support/raw-client.js'
import { AUTHORIZATION } from '../support/raw-requests.js'
import { startService } from '../support/services.js'
import { createRecorder, summaryOf } from '../support/spans.js'

t.test('a refusal is one span, and a failure says what failed', async (t) => {
  const service = await startService(t, (_, response) => void response.writeHead(503).end())
  const notFound = await startService(t, (_, response) => void response.writeHead(404).end())
  const recorder = createRecorder(t)
  const { port } = await startGateway(
    t,
    {
      upstream: NOWHERE,
      routes: [
        { path: '/bad', upstream: service.url },
        { path: '/none', upstream: notFound.url },
        { path: '/unix', upstream: 'unix:/nowhere/at/all' },
      ],
    },
    recorder,
  )
  const send = async (line: string, ...fields: string[]) => {
    await exchangeRaw(t, port, `${line} HTTP/1.1`, 'Connection: close', ...fields, '', '')
    return (await recorder.take()).map(summaryOf)
  }
  const host = 'Host: [::1]:8443'
  const unauthorized = await send('GET /v1/proxy/', host)
  t.match(unauthorized, [
    {
      name: 'GET /v1/proxy/*',
      status: 'UNSET',
      attributes: {
        'http.response.status_code': 401,
        'server.address': '::1',
        'server.port': 8443,
      },
    },
  ])
  t.equal(unauthorized.length, 1)
  t.notOk('error.type' in (unauthorized[0]?.attributes ?? {}))
  t.match(await send('REPORT /v1/nothing', 'Host: a'), [
    {
      name: 'HTTP',
      attributes: {
        'http.request.method': '_OTHER',
        'http.request.method_original': 'REPORT',
        'http.response.status_code': 404,
        'server.port': 80,
      },
    },
  ])
  const [faulty] = await send('GET /v1/proxy/', 'Host: a b')
  t.notOk('server.address' in (faulty?.attributes ?? {}))
  const [hostless] = await send('GET /v1/proxy/')
  t.notOk('server.address' in (hostless?.attributes ?? {}))
  const failure = (code: number, type: string, ofTry: object) => [
    { status: 'ERROR', attributes: { 'http.response.status_code': code, 'error.type': type } },
    { status: 'ERROR', attributes: ofTry },
  ]
  const refused = { 'server.port': 9, 'error.type': 'ECONNREFUSED' }
  t.match(
    await send('GET /v1/proxy/', host, AUTHORIZATION),
    failure(502, 'upstream_unreachable', refused),
  )
  const noSocket = { 'server.address': '/nowhere/at/all', 'error.type': 'ENOENT' }
  t.match(
    await send('GET /v1/proxy/unix', host, AUTHORIZATION),
    failure(502, 'upstream_unreachable', noSocket),
  )
  const unavailable = { 'http.response.status_code': 503, 'error.type': '503' }
  t.match(await send('GET /v1/proxy/bad', host, AUTHORIZATION), failure(503, '503', unavailable))
  t.match(await send('GET /v1/proxy/none', host, AUTHORIZATION), [
    { status: 'UNSET', attributes: { 'http.response.status_code': 404 } },
    { status: 'ERROR', attributes: { 'http.response.status_code': 404, 'error.type': '404' } },
  ])
})
