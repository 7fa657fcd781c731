// Answers that only the end of their connection delimits.
import t from 'tap'
import { bearer, startGateway } from '../support/gateways.js'
import { connectRaw } from '../support/raw-client.js'
import { startResettingService } from '../support/resetting-service.js'
import { startRawService } from '../support/services.js'
import { stillness, until } from '../support/until.js'

const GET = [
  'GET /v1/proxy/a HTTP/1.1',
  'Host: a',
  `Authorization: ${bearer().Authorization}`,
  '',
  '',
]

t.test('one that is reset in the same moment as it comes does not look whole', async (t) => {
  const { port, lastRequest } = await startGateway(t, { upstream: await startResettingService(t) })
  for (let i = 0; i < 3; i++) {
    const client = connectRaw(t, port)
    client.send(...GET)
    t.notMatch(await client.untilClosed(), /\r\n0\r\n/, 'it is cut, and has no last chunk')
    t.match(client.received, /^HTTP\/1\.1 (200|502) /)
    await until('it is logged', () => lastRequest() !== undefined)
  }
  t.match(lastRequest(), { reason: 'upstream_failed' })
})

t.test('a large one passes whole, also to a slow reader', async (t) => {
  const bytes = 2 ** 25
  const service = await startRawService(t, ({ socket }) => {
    socket.write('HTTP/1.1 200 OK\r\n\r\n')
    socket.end(Buffer.alloc(bytes, 'x'))
  })
  const { port } = await startGateway(t, { upstream: service.url })
  const client = connectRaw(t, port)
  client.send(...GET)
  await client.until(/^HTTP/)
  client.socket.pause()
  await stillness(() => client.socket.bytesRead)
  client.socket.resume()
  await until('the last chunk', () => client.received.endsWith('\r\n0\r\n\r\n'))
  t.ok(client.received.length > bytes)
})
