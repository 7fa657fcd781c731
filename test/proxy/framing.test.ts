import t from 'tap'
import { bearer, startGateway } from '../support/gateways.js'
import { connectRaw, exchangeRaw } from '../support/raw-client.js'
import { startRawService, startService, OK_EMPTY } from '../support/services.js'

const AUTHORIZATION = `Authorization: ${bearer().Authorization}`

t.test('a body keeps its framing on every method: one request stays one', async (t) => {
  const body = ['GET /admin HTTP/1.1', 'Host: b', '', ''].join('\r\n')
  const chunk = `${body.length.toString(16)}\r\n${body}\r\n`
  const service = await startService(t)
  const raw = await startRawService(t, ({ socket }) => void socket.end(OK_EMPTY))
  const { port } = await startGateway(t, { upstream: service.url })
  const { port: rawPort } = await startGateway(t, { upstream: raw.url })
  for (const method of ['GET', 'HEAD', 'DELETE', 'OPTIONS', 'POST', 'PUT', 'PATCH']) {
    const head = [`${method} /v1/proxy/a HTTP/1.1`, 'Host: a', AUTHORIZATION]
    const framings = [
      ['Transfer-Encoding: chunked', '', `${chunk}0\r\n\r\n`],
      ['Connection: transfer-encoding', 'Transfer-Encoding: chunked', '', `${chunk}0\r\n\r\n`],
      [`Content-Length: ${body.length}`, '', body],
      ['Connection: content-length', `Content-Length: ${body.length}`, '', body],
    ]
    for (const lines of framings) {
      await exchangeOnce(port, [...head, ...lines])
      t.match(service.requests.splice(0), [{ method, url: '/a', body }], `${method}, ${lines[0]}`)
      await exchangeOnce(rawPort, [...head, ...lines])
      const received = raw.connections
        .splice(0)
        .map(({ received }) => received)
        .join()
      t.match(received, /\r\n(Transfer-Encoding: chunked|Content-Length: \d+)\r\n/, 'framed')
    }
  }

  async function exchangeOnce(at: number, lines: string[]): Promise<void> {
    const client = connectRaw(t, at)
    client.send(...lines)
    await client.until(/^HTTP\/1\.1 200 /)
    client.socket.destroy()
  }
})

t.test('a request without a body stays without one', async (t) => {
  const raw = await startRawService(t, ({ socket }) => void socket.write(OK_EMPTY))
  const { port } = await startGateway(t, { upstream: raw.url })
  const rows: Array<[string, string, RegExp]> = [
    ['GET', 'X: y', /^(?![^]*(content-length|transfer-encoding))/i],
    ['DELETE', 'X: y', /^(?![^]*(content-length|transfer-encoding))/i],
    ['POST', 'X: y', /\r\nContent-Length: 0\r\n/],
    ['PATCH', 'Content-Length: 0', /\r\nContent-Length: 0\r\n/],
  ]
  for (const [method, line, expected] of rows) {
    const client = connectRaw(t, port)
    client.send(
      `${method} /v1/proxy/a HTTP/1.1`,
      'Host: a',
      AUTHORIZATION,
      line,
      'Connection: close',
      '',
      '',
    )
    await client.until(/ 200 /)
    t.match(
      raw.connections
        .map(({ received }) => received)
        .join()
        .split(method)
        .at(-1),
      expected,
      method,
    )
  }
})

t.test('answers without a body, and bodies of every framing, come through', async (t) => {
  let answer = ''
  const service = await startRawService(t, ({ socket }) => void socket.end(answer))
  const { port } = await startGateway(t, { upstream: service.url })
  const rows: Array<[string, string, string, RegExp]> = [
    [
      'GET',
      '1.1',
      '200 OK\r\nContent-Length: 2\r\n\r\nok',
      /\r\nContent-Length: 2\r\n[^]*\r\n\r\nok$/,
    ],
    [
      'GET',
      '1.1',
      '200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n',
      /\r\nTransfer-Encoding: chunked\r\n[^]*\r\n2\r\nok\r\n0\r\n\r\n$/,
    ],
    [
      'GET',
      '1.1',
      '200 OK\r\n\r\nok',
      /\r\nTransfer-Encoding: chunked\r\n[^]*\r\n2\r\nok\r\n0\r\n\r\n$/,
    ],
    [
      'GET',
      '1.0',
      '200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n',
      /^(?![^]*chunked)[^]*\r\n\r\nok$/,
    ],
    [
      'GET',
      '1.1',
      '404 Not Found\r\nContent-Length: 4\r\n\r\ngone',
      / 404 Not Found\r\n[^]*\r\n\r\ngone$/,
    ],
    [
      'HEAD',
      '1.1',
      '200 OK\r\nContent-Length: 1000\r\n\r\n',
      /\r\nContent-Length: 1000\r\n[^]*\r\n\r\n$/,
    ],
    ['HEAD', '1.1', '200 OK\r\nTransfer-Encoding: chunked\r\n\r\n', / 200 OK\r\n[^]*\r\n\r\n$/],
    [
      'GET',
      '1.1',
      '204 No Content\r\n\r\n',
      /^(?![^]*(content-length|chunked))[^]* 204 [^]*\r\n\r\n$/i,
    ],
    [
      'GET',
      '1.1',
      '204 No Content\r\nContent-Length: 0\r\n\r\n',
      /^(?![^]*(content-length|chunked))[^]* 204 /i,
    ],
    [
      'GET',
      '1.1',
      '304 Not Modified\r\nETag: "a"\r\nContent-Length: 9\r\n\r\n',
      /\r\nETag: "a"\r\nContent-Length: 9\r\n[^]*\r\n\r\n$/,
    ],
    [
      'GET',
      '1.1',
      '503 Service Unavailable\r\nRetry-After: 9\r\nContent-Length: 0\r\n\r\n',
      /\r\nRetry-After: 9\r\n/,
    ],
  ]
  for (const [method, version, given, expected] of rows) {
    answer = `HTTP/1.1 ${given}`
    const lines = [
      `${method} /v1/proxy/a HTTP/${version}`,
      'Host: a',
      AUTHORIZATION,
      'TE: chunked', // which node would take as a word of a 1.0 client that knows it
      'Connection: close',
      '',
      '',
    ]
    t.match(
      await exchangeRaw(t, port, ...lines),
      expected,
      `${method} ${given.split('\r\n\r\n')[0]}`,
    )
  }
})

t.test('bytes beyond ASCII in a field come through as they are, whatever the body', async (t) => {
  const odd = 'X-Odd: \xe9\xc3\xa9\xff'
  const rows: Array<[string, string[], string]> = [
    [
      'POST',
      ['Expect: 100-continue', 'Content-Length: 2', '', 'ok'],
      `HTTP/1.1 200 OK\r\nExpect: an answer\r\n${odd}\r\nContent-Length: 2\r\n\r\nok`,
    ],
    ['GET', ['Expect: 100-continue', '', ''], `${OK_EMPTY.slice(0, -2)}${odd}\r\n\r\n`],
    ['POST', ['Content-Length: 2', '', 'ok'], `${OK_EMPTY.slice(0, -2)}${odd}\r\n\r\n`],
    ['PUT', ['Transfer-Encoding: chunked', '', '0\r\n\r\n'], `HTTP/1.1 200 OK\r\n${odd}\r\n\r\n`],
    ['GET', ['', ''], `HTTP/1.1 200 OK\r\n${odd}\r\nContent-Length: 2\r\n\r\nok`],
    ['HEAD', ['', ''], `HTTP/1.1 200 OK\r\n${odd}\r\nContent-Length: 2\r\n\r\n`],
    [
      'GET',
      ['Connection: Upgrade', 'Upgrade: talk', '', ''],
      `HTTP/1.1 101 Ok\r\n${odd}\r\nConnection: Upgrade\r\nUpgrade: talk\r\n\r\n`,
    ],
  ]
  for (const [method, lines, answer] of rows) {
    const service = await startRawService(t, ({ socket, received }) => {
      if (/\r\n\r\n(ok|0\r\n\r\n)?$/.test(received)) socket.write(answer, 'latin1')
    })
    const { port } = await startGateway(t, { upstream: service.url })
    const client = connectRaw(t, port)
    client.send(`${method} /v1/proxy/a HTTP/1.1`, 'Host: a', AUTHORIZATION, odd, ...lines)
    t.ok(
      (await client.until(/ (?:101|200) [^]*\r\n\r\n/)).includes(`${odd}\r\n`),
      `${method}: the answer`,
    )
    t.ok(service.connections[0]?.received.includes(`${odd}\r\n`), `${method}: the request`)
  }
})
