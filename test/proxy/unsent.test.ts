// A kept connection that closes before anything of the request was written to it.
import type { Socket } from 'node:net'
import t, { type Test } from 'tap'
import { startGateway } from '../support/gateways.js'
import { connectRaw, countAnswers, type RawClient } from '../support/raw-client.js'
import { AUTHORIZATION } from '../support/raw-requests.js'
import { startRawService, OK_EMPTY, type RawService } from '../support/services.js'
import { until } from '../support/until.js'

interface Service extends RawService {
  /** What was asked, whole. */
  asked: string[]
}

const startEmptyService = async (t: Test): Promise<Service> => {
  const asked: string[] = []
  const service = await startRawService(t, (connection) => {
    const { socket, received } = connection
    const hasBody = /^(Content-Length: 9|Transfer-Encoding)/m.test(received)
    if (!(hasBody ? /\r\nsome body(\r\n0\r\n\r\n)?$/ : /\r\n\r\n$/).test(received)) return
    connection.received = ''
    asked.push(received)
    socket.write(OK_EMPTY)
  })
  return { ...service, asked }
}

const END: Record<string, (socket: Socket) => void> = {
  closes: (socket) => void socket.destroy(),
  'is reset': (socket) => void socket.resetAndDestroy(),
}

/** Sends a request as the kept connection that it will go out on comes to its end. */
const sendAtEnd = async (
  t: Test,
  port: number,
  { connections }: RawService,
  end: (socket: Socket) => void,
  method: string,
  ...lines: string[]
): Promise<RawClient> => {
  const fields = ['Host: a', AUTHORIZATION]
  const client = connectRaw(t, port)
  client.send('GET /v1/proxy/a HTTP/1.1', ...fields, '', '')
  await client.until(/^HTTP\/1\.1 200 /)
  // The gateway reads both in one turn: it takes the connection, and then hears of its end.
  client.send(`${method} /v1/proxy/a HTTP/1.1`, ...fields, ...lines)
  const kept = connections.at(-1)
  if (kept) end(kept.socket)
  return client
}

/** The status of the answer to what was sent so. */
const statusOf = async (client: RawClient): Promise<string | undefined> => {
  await until('there is an answer', () => countAnswers(client.received) === 2)
  return client.received.match(/HTTP\/1\.1 \d{3}/g)?.[1]?.slice(-3)
}

for (const [name, end] of Object.entries(END))
  t.test(`what was not sent yet can be, whatever its method: one ${name}`, async (t) => {
    const service = await startEmptyService(t)
    const { port, events } = await startGateway(t, { upstream: service.url })
    for (const lines of [
      ['', ''],
      ['Content-Length: 9', '', 'some body'],
      ['Idempotency-Key: k', 'Content-Length: 9', '', 'some body'],
      ['Transfer-Encoding: chunked', '', '9', 'some body', '0', '', ''],
    ]) {
      t.equal(await statusOf(await sendAtEnd(t, port, service, end, 'POST', ...lines)), '200')
      const [asked] = service.asked.slice(-1)
      t.match(asked, /^POST /)
      t.ok(asked?.endsWith(lines.slice(lines.indexOf('')).join('\r\n')), 'with its body')
    }
    t.equal(service.asked.length, 8)
    t.notOk(events.some(({ event }) => event === 'upstream_failed'))
  })

const POST = ['POST', 'Content-Length: 9', '', 'some body'] as const

t.test('one whose body cannot be kept is not sent in part', async (t) => {
  for (const retries of [{ bodyBytes: 8 }, { memoryBytes: 8 }]) {
    const service = await startEmptyService(t)
    const { port } = await startGateway(t, { upstream: service.url, retries })
    const client = await sendAtEnd(t, port, service, (socket) => socket.destroy(), ...POST)
    t.equal(await statusOf(client), '502')
    t.equal(service.connections.length, 1)
  }
})

t.test('its body is kept no longer than until it is sent', async (t) => {
  const service = await startEmptyService(t)
  const { port } = await startGateway(t, {
    upstream: service.url,
    retries: { bodyBytes: 9, memoryBytes: 9 },
  })
  const destroy = (socket: Socket): void => void socket.destroy()
  const half = ['POST', 'Content-Length: 9', '', 'some'] as const
  const waiting = await sendAtEnd(t, port, service, destroy, ...half)
  await until('it is sent', () => service.connections.at(-1)?.received.endsWith('some') === true)
  const other = await sendAtEnd(t, port, service, destroy, ...POST)
  t.equal(await statusOf(other), '200', 'there is room for another')
  waiting.send(' body')
  t.equal(await statusOf(waiting), '200')
  t.equal(service.asked.filter((asked) => asked.endsWith('some body')).length, 2)
})
