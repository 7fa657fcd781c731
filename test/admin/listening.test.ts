// Two listeners, which begin and end together.
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { createGateway } from '../../lib/index.js'
import { NOWHERE, SECRET, startGateway } from '../support/gateways.js'
import { ADMIN_TOKEN, HASH, NDJSON, operatorOf, WITH_ADMIN } from '../support/operator.js'
import { freePort } from '../support/port.js'
import { connectRaw } from '../support/raw-client.js'
import { until } from '../support/until.js'

const OPTIONS = { jwtSecret: SECRET, upstream: NOWHERE, adminToken: ADMIN_TOKEN }

const takePort = async (t: Test): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => void server.close())
  return (server.address() as AddressInfo).port
}

t.test('listen tells both addresses, and close ends both', async (t) => {
  const gateway = createGateway({ ...OPTIONS, admin: { port: 0 } })
  const address = await gateway.listen(0)
  t.match(address, { host: '127.0.0.1', port: Number, admin: { host: '127.0.0.1', port: Number } })
  const ports = [address.port, address.admin?.port]
  t.not(ports[0], ports[1])
  await gateway.close()
  for (const port of ports) await t.rejects(fetch(`http://127.0.0.1:${port}/`))
  const without = createGateway({ jwtSecret: SECRET, upstream: NOWHERE })
  t.same(Object.keys(await without.listen(0)), ['host', 'port'])
  await without.close()
})

t.test('when either port is taken neither listens, and another can be tried', async (t) => {
  const taken = await takePort(t)
  const free = await freePort()
  const busyAdmin = createGateway({ ...OPTIONS, admin: { port: taken } })
  await t.rejects(busyAdmin.listen(free), { code: 'EADDRINUSE', listener: 'admin', port: taken })
  await t.rejects(fetch(`http://127.0.0.1:${free}/healthz`))
  await busyAdmin.close()

  const events: unknown[] = []
  const busyFront = createGateway(
    { ...OPTIONS, admin: { port: free } },
    { log: (event) => void events.push(event) },
  )
  const failure = (await busyFront.listen(taken).catch((error: unknown) => error)) as object
  t.match(failure, { code: 'EADDRINUSE', port: taken })
  t.notOk('listener' in failure)
  await t.rejects(fetch(`http://127.0.0.1:${free}/v1/users`))
  t.same(events, [])
  const { port } = await busyFront.listen(0)
  t.equal((await fetch(`http://127.0.0.1:${port}/healthz`)).status, 200)
  t.equal((await fetch(`http://127.0.0.1:${free}/v1/users`)).status, 401)
  await busyFront.close()
})

t.test('a gateway that is closed, or closes meanwhile, listens to nobody', async (t) => {
  const free = await freePort()
  const closed = { message: 'the gateway is closed' }
  const gateway = createGateway({ ...OPTIONS, admin: { port: free } })
  const listening = t.rejects(gateway.listen(0), closed)
  await gateway.close()
  await listening
  await t.rejects(gateway.listen(0), closed)
  await t.rejects(fetch(`http://127.0.0.1:${free}/v1/users`))
})

t.test('close finishes what an operator has begun', async (t) => {
  const gateway = await startGateway(t, WITH_ADMIN)
  const { port, call } = operatorOf(gateway)
  const client = connectRaw(t, port)
  const row = JSON.stringify({ email: 'ada@example.com', password_hash: HASH, user_id: 'ada' })
  client.send(
    'POST /v1/users/import HTTP/1.1',
    'Host: a',
    `Authorization: Bearer ${ADMIN_TOKEN}`,
    `Content-Type: ${NDJSON['Content-Type']}`,
    `Content-Length: ${row.length + 2}`,
    '',
    `${row}\n`,
  )
  await until('it has begun', async () => (await call('GET', '/v1/users/ada')).status === 200)
  const closed = gateway.gateway.close()
  client.send(' ')
  t.match(await client.untilClosed(), /^HTTP\/1\.1 200 [^]*"imported":1/)
  await closed
  t.match(gateway.events.at(-1), { event: 'closed', cutConnections: false })
})
