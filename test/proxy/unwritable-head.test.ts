// The head of an answer that node does not write: here, as a program in front of the gateway has answered.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { bearer, startGateway } from '../support/gateways.js'
import { connectRaw } from '../support/raw-client.js'
import { startService } from '../support/services.js'
import { until } from '../support/until.js'

t.test('an answer whose head cannot be written is a failure, and the client is cut', async (t) => {
  const service = await startService(t)
  const { gateway, events, lastRequest } = await startGateway(t, { upstream: service.url })
  const own = createServer((request, response) => {
    response.writeHead(200, { 'Content-Length': 5 })
    gateway.handler(request, response)
  }).listen(0, '127.0.0.1')
  await once(own, 'listening')
  t.teardown(() => void own.close())
  const client = connectRaw(t, (own.address() as AddressInfo).port)
  client.send(
    'GET /v1/proxy/ HTTP/1.1',
    'Host: a',
    `Authorization: ${bearer().Authorization}`,
    '',
    '',
  )
  t.notMatch(await client.untilClosed(), /\r\n\r\n./, 'there is no body')
  await until('it is logged', () => lastRequest() !== undefined)
  t.match(lastRequest(), { aborted: true, reason: 'upstream_failed' })
  t.match(
    events.find(({ event }) => event === 'upstream_failed'),
    { cause: 'ERR_HTTP_HEADERS_SENT' },
  )
})
