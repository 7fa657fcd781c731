// Where a request ends. What two readers could read in two ways never reaches the service as it is.
import { valuesOf } from '../message.mjs'
import { no, refusedOrMended, refusedWith, verdict } from '../verdict.mjs'

const CHUNKED = 'Transfer-Encoding: chunked'
const HELLO = '5\r\nhello\r\n0\r\n\r\n'
const OVERFLOW = `${(2n ** 64n + 5n).toString(16)}\r\nhello\r\n0\r\n\r\n`

const isHello = (request) => {
  const lengths = valuesOf(request, 'content-length')
  const codings = valuesOf(request, 'transfer-encoding')
  return request.body === 'hello' && lengths.length + codings.length === 1
}

/** A POST with these field lines and this body that must be refused, or mended to a plain hello. */
const unsound = (id, name, spec, lines, body) => ({
  id,
  name,
  spec,
  level: 'MUST',
  run: (scene) => refusedOrMended(scene, scene.head('POST', lines) + body, isHello),
})

const refused = (id, name, spec, statuses, lines, body) => ({
  id,
  name,
  spec,
  level: 'MUST',
  run: (scene) => refusedWith(scene, scene.head('POST', lines) + body, ...statuses),
})

export default [
  unsound(
    'length-and-chunked',
    'Content-Length beside Transfer-Encoding is refused or taken off',
    'RFC 9112 6.3',
    ['Content-Length: 15', CHUNKED],
    HELLO,
  ),
  {
    id: 'length-and-chunked-smuggle',
    name: 'Bytes that only Content-Length claims are no second request',
    spec: 'RFC 9112 6.1',
    level: 'MUST',
    run: (scene) => {
      const hidden = scene.head('GET', [], { suffix: '/hidden' })
      const lines = [`Content-Length: ${hidden.length + 5}`, CHUNKED]
      const isEmpty = ({ body }, client) => body === '' && client.gone
      return refusedOrMended(scene, `${scene.head('POST', lines)}0\r\n\r\n${hidden}`, isEmpty)
    },
  },
  refused(
    'two-lengths',
    'Two Content-Length fields that differ get 400',
    'RFC 9112 6.3',
    [400],
    ['Content-Length: 5', 'Content-Length: 6'],
    'hello!',
  ),
  refused(
    'length-plus',
    '`Content-Length: +5` gets 400',
    'RFC 9112 6.3',
    [400],
    ['Content-Length: +5'],
    'hello',
  ),
  refused(
    'xchunked',
    '`Transfer-Encoding: xchunked` gets 400 or 501',
    'RFC 9112 6.3',
    [400, 501],
    ['Transfer-Encoding: xchunked'],
    HELLO,
  ),
  refused(
    'chunked-not-last',
    '`Transfer-Encoding: chunked, identity` gets 400 or 501',
    'RFC 9112 6.3',
    [400, 501],
    ['Transfer-Encoding: chunked, identity'],
    HELLO,
  ),
  refused(
    'chunked-vertical-tab',
    '`Transfer-Encoding: \\x0bchunked` gets 400 or 501',
    'RFC 9112 6.3',
    [400, 501],
    ['Transfer-Encoding: \x0bchunked'],
    HELLO,
  ),
  refused(
    'space-before-colon',
    '`Transfer-Encoding : chunked` gets 400',
    'RFC 9112 5.1',
    [400],
    ['Transfer-Encoding : chunked'],
    HELLO,
  ),
  unsound(
    'chunk-overflow',
    'A chunk size of 2^64 + 5 is not read as 5',
    'RFC 9112 7.1',
    [CHUNKED],
    OVERFLOW,
  ),
  unsound(
    'chunk-hex-prefix',
    'A chunk size of `0x5` is refused',
    'RFC 9112 7.1',
    [CHUNKED],
    `0x${HELLO}`,
  ),
  unsound(
    'chunk-too-long',
    'A chunk that is longer than its size is refused',
    'RFC 9112 7.1',
    [CHUNKED],
    '5\r\nhelloXX\r\n0\r\n\r\n',
  ),
  unsound(
    'chunk-bare-lf',
    'Chunk lines that end in a bare LF are refused or mended',
    'RFC 9112 7.1',
    [CHUNKED],
    '5\nhello\n0\n\n',
  ),
  unsound(
    'chunk-extension-lf',
    'A bare LF inside a chunk extension is refused or taken off',
    'RFC 9112 7.1.1',
    [CHUNKED],
    `5;a\n${HELLO.slice(1)}`,
  ),
  {
    id: 'chunk-malformed',
    name: 'A client that sends a malformed chunk is told so with 400',
    spec: 'RFC 9112 2.2',
    level: 'SHOULD',
    run: (scene) => refusedWith(scene, `${scene.head('POST', [CHUNKED])}zz\r\n${HELLO}`, 400),
  },
  {
    id: 'chunk-extension',
    name: 'A chunk extension nobody knows is ignored',
    spec: 'RFC 9112 7.1.1',
    level: 'MUST',
    run: async ({ open, head, arrival }) => {
      const client = await open()
      client.send(`${head('POST', [CHUNKED])}5;name=value${HELLO.slice(1)}`)
      const exchange = await arrival()
      return verdict(exchange?.request.body === 'hello', client.final()?.status)
    },
  },
  {
    id: 'chunked-http-10',
    name: 'A chunked body from HTTP/1.0 is refused, or ends its connection',
    spec: 'RFC 9112 6.1',
    level: 'MUST',
    run: (scene) => {
      const lines = ['Connection: keep-alive', CHUNKED]
      const bytes = scene.head('POST', lines, { version: '1.0' }) + HELLO
      return refusedOrMended(scene, bytes, (request, client) => isHello(request) && client.gone)
    },
  },
  {
    id: 'get-with-body',
    name: 'The body of a GET keeps its framing',
    spec: 'RFC 9112 6',
    level: 'MUST',
    run: async ({ open, head, arrival, until, seen }) => {
      const client = await open()
      client.send(`${head('GET', ['Content-Length: 5'])}hello${head('GET', [], { suffix: '/2' })}`)
      const exchange = await arrival()
      if (!exchange) return no(client.final()?.status)
      await until(() => client.final(1) || client.gone)
      return verdict(isHello(exchange.request) && seen().length === 2, 'body lost')
    },
  },
  {
    id: 'connection-names-framing',
    name: '`Connection: Content-Length` does not take the framing off',
    spec: 'RFC 9112 6.3',
    level: 'MUST',
    run: (scene) => {
      const lines = ['Connection: Content-Length, Transfer-Encoding', 'Content-Length: 5']
      return refusedOrMended(scene, `${scene.head('POST', lines)}hello`, isHello)
    },
  },
]
