import t from 'tap'
import { bearer, NOWHERE, startGateway } from '../support/gateways.js'
import { connectRaw } from '../support/raw-client.js'
import { startRawService } from '../support/services.js'

const AUTHORIZATION = `Authorization: ${bearer().Authorization}`
const get = (version = '1.1'): string[] => [
  `GET /v1/proxy/a HTTP/${version}`,
  'Host: a',
  AUTHORIZATION,
  '',
  '',
]

t.test('each failure of the service has its status, and its cause is logged', async (t) => {
  let answer: string | undefined
  const service = await startRawService(t, ({ socket }) => {
    if (answer === undefined) socket.resetAndDestroy()
    else socket.end(answer)
  })
  const running = await startGateway(t, { upstream: service.url })
  const nowhere = await startGateway(t, { upstream: NOWHERE })
  const unresolved = await startGateway(t, { upstream: 'http://nowhere.invalid' })
  const rows: Array<[string, typeof running, string | undefined, number, string, object]> = [
    [
      'refused',
      nowhere,
      '',
      502,
      'upstream_unreachable',
      { phase: 'connecting', cause: 'ECONNREFUSED' },
    ],
    ['no such name', unresolved, '', 502, 'upstream_unreachable', { phase: 'connecting' }],
    [
      'reset',
      running,
      undefined,
      502,
      'upstream_failed',
      { phase: 'waiting', cause: 'ECONNRESET' },
    ],
    ['closed', running, '', 502, 'upstream_failed', { phase: 'waiting', cause: 'ECONNRESET' }],
    [
      'no HTTP',
      running,
      'SSH-2.0-OpenSSH\r\n',
      502,
      'upstream_failed',
      { cause: 'invalid_answer_head' },
    ],
    ['half a header section', running, 'HTTP/1.1 200 OK\r\nX:', 502, 'upstream_failed', {}],
    [
      'headers without end',
      running,
      `HTTP/1.1 200 OK\r\nX: ${'y'.repeat(70_000)}`,
      502,
      'upstream_failed',
      { cause: 'answer_head_too_large' },
    ],
    [
      'two framings',
      running,
      `HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
      502,
      'upstream_failed',
      { cause: 'ambiguous_answer_length' },
    ],
    [
      'a switch to nothing',
      running,
      'HTTP/1.1 101 Switching\r\n\r\n',
      502,
      'upstream_failed',
      { cause: 'unexpected_upgrade' },
    ],
    [
      'a coding that cannot be undone',
      running,
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n',
      502,
      'upstream_failed',
      { cause: 'unknown_transfer_coding' },
    ],
    [
      'an upgrade unasked for',
      running,
      'HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n',
      502,
      'upstream_failed',
      { cause: 'unexpected_upgrade' },
    ],
    [
      'a reason that cannot be written',
      running,
      'HTTP/1.1 200 \x01\r\nContent-Length: 0\r\n\r\n',
      502,
      'upstream_failed',
      { cause: 'invalid_answer_head' },
    ],
  ]
  for (const [what, { port, events }, given, status, code, event] of rows) {
    answer = given
    events.splice(0)
    const client = connectRaw(t, port)
    client.send(...get())
    t.ok(await client.until(new RegExp(`^HTTP/1.1 ${status} [^]*"code":"${code}"`)), what)
    t.match(
      events.find(({ event }) => event === 'upstream_failed'),
      event,
      what,
    )
    client.socket.destroy()
  }
})

t.test('a service that dies after its headers: the answer never looks whole', async (t) => {
  const framings = [
    'Content-Length: 10\r\n\r\nhalf',
    'Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n',
  ]
  let answer = ''
  const service = await startRawService(t, ({ socket }) => void socket.write(answer))
  const { port } = await startGateway(t, { upstream: service.url })
  for (const framing of framings)
    for (const version of ['1.1', '1.0']) {
      answer = `HTTP/1.1 200 OK\r\n${framing}`
      const client = connectRaw(t, port)
      client.send(...get(version))
      await client.until(/half/)
      service.connections.at(-1)?.socket.resetAndDestroy()
      const received = await client.untilClosed()
      const isFramed = /Content-Length: 10|chunked/.test(received)
      t.ok(isFramed || client.isReset, `${version}: only a reset can tell where nothing frames`)
      t.notMatch(received, /\r\n0\r\n\r\n$/)
    }
})
