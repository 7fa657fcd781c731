import t, { type Test } from 'tap'
import { createGateway } from '../../lib/index.js'
import { bearer, SECRET, startGateway } from '../support/gateways.js'
import { freePort } from '../support/port.js'
import { exchangeRaw } from '../support/raw-client.js'
import { startService } from '../support/services.js'

t.test('a request that has been here before is a loop', async (t) => {
  const service = await startService(t)
  const { origin, port } = await startGateway(t, { upstream: service.url })
  await fetch(`${origin}/v1/proxy/a`, { headers: bearer() })
  const via = service.requests[0]?.headers.via ?? ''
  t.match(via, /^1\.1 passport-gateway-[0-9a-f]{8}$/)
  const again = await fetch(`${origin}/v1/proxy/a`, {
    headers: { ...bearer(), Via: `1.0 other, ${via.replace('1.1', 'HTTP/1.0')}, 1.1 third` },
  })
  t.equal(again.status, 508)
  t.match(await again.json(), { code: 'loop_detected' })
  const other = await fetch(`${origin}/v1/proxy/a`, {
    headers: { ...bearer(), Via: '1.1 passport-gateway-00000000, 1.1 passport-gateway' },
  })
  t.equal(other.status, 200, 'another gateway of the same kind is none')
  t.equal(service.requests.length, 2)
  const old = await exchangeRaw(
    t,
    port,
    'GET /v1/proxy/a HTTP/1.0',
    `Authorization: ${bearer().Authorization}`,
    '',
    '',
  )
  t.match(old, /^HTTP\/1\.1 200 /)
  t.match(service.requests[2]?.headers.via, /^1\.0 passport-gateway-/)
})

t.test('gateways in a circle answer at the second round, and two in a row are none', async (t) => {
  const port = await freePort()
  const options = { passAuthorization: true }
  const first = await startGateway(t, { ...options, upstream: `http://127.0.0.1:${port}/v1/proxy` })
  const second = createGateway(
    { ...options, jwtSecret: SECRET, upstream: `${first.origin}/v1/proxy` },
    { clock: first.clock },
  )
  t.teardown(() => second.close())
  await second.listen(port)
  const looped = await fetch(`${first.origin}/v1/proxy/a`, { headers: bearer() })
  t.equal(looped.status, 508)
  t.match(await looped.json(), { code: 'loop_detected' })
  const row = await startGateway(t, { ...options, upstream: (await startInFront(t)).url })
  t.equal((await fetch(`${row.origin}/v1/proxy/a`, { headers: bearer() })).status, 200)
})

/** A gateway in front of a service, as a service. */
const startInFront = async (t: Test): Promise<{ url: string }> => {
  const { origin } = await startGateway(t, { upstream: (await startService(t)).url })
  return { url: `${origin}/v1/proxy` }
}
