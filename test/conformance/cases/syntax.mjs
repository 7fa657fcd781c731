// How the head of a request is written, and which methods and targets are carried.
import { refusal, refusedOrMended, refusedWith, no, verdict, yes } from '../verdict.mjs'

/** A field line that must be refused, or mended so that the service sees one of `mended`. */
const unsoundField = (id, name, spec, line, ...mended) => ({
  id,
  name,
  spec,
  level: 'MUST',
  run: (scene) =>
    refusedOrMended(scene, scene.head('GET', [line]), ({ head }) =>
      head.split('\r\n').some((seen) => mended.includes(seen.toLowerCase().replace(': ', ':'))),
    ),
})

const faultyHost = (id, name, hosts) => ({
  id,
  name,
  spec: 'RFC 9112 3.2',
  level: 'MUST',
  run: (scene) => refusedWith(scene, scene.head('GET', [], { hosts }), 400),
})

/** A target that arrives as it was sent, or is refused; never quietly another one. */
const target = (id, name, suffix) => ({
  id,
  name,
  spec: 'RFC 9110 7.7',
  level: 'MUST',
  run: async ({ open, head, seen, until }) => {
    const client = await open()
    client.send(head('GET', [], { suffix }))
    await until(() => client.final() || client.gone)
    const [exchange] = seen()
    if (!exchange) return refusal(client) >= 400 ? yes(refusal(client)) : no(refusal(client))
    const { target } = exchange.request
    return target.endsWith(suffix) ? yes() : no(`as ${target.slice(target.lastIndexOf('/c/') + 2)}`)
  },
})

const absoluteForm = (id, name, hostOf, judge = isServed) => ({
  id,
  name,
  spec: 'RFC 9112 3.2.2',
  level: 'MUST',
  run: async ({ open, head, authority, path, seen, until }) => {
    const client = await open()
    const target = `http://${authority}${path}`
    client.send(head('GET', [], { target, hosts: [hostOf(authority)] }))
    await until(() => client.final() || client.gone)
    return judge({ client, request: seen()[0]?.request })
  },
})

const isServed = ({ client }) => verdict(client.final()?.status === 200, refusal(client))

/** A method that is better not carried. */
const refusedMethod = (id, method, options) => ({
  id,
  name: `${method} is refused`,
  spec: `RFC 9110 9.3.${method === 'TRACE' ? 8 : 6}`,
  level: 'feature',
  run: (scene) =>
    refusedWith(scene, scene.head(method, [], options), 400, 403, 404, 405, 501, 'closed'),
})

export default [
  faultyHost('host-missing', 'A request without Host gets 400', []),
  faultyHost('host-twice', 'A second Host line gets 400', ['one.example', 'two.example']),
  faultyHost('host-malformed', '`Host: a b` gets 400', ['a b']),
  faultyHost('host-with-path', '`Host: a/b` gets 400', ['a/b']),
  faultyHost('host-with-user', '`Host: a@b` gets 400', ['a@b']),
  unsoundField(
    'obs-fold',
    'A folded field line is refused or unfolded',
    'RFC 9112 5.2',
    'X-Fold: a\r\n b',
    'x-fold:a b',
    'x-fold:a  b',
    'x-fold:a   b',
  ),
  unsoundField(
    'field-space',
    'Whitespace before the colon of a field is refused',
    'RFC 9112 5.1',
    'X-Space : a',
  ),
  unsoundField(
    'bare-lf',
    'A bare LF between fields is refused or becomes CRLF',
    'RFC 9112 2.2',
    'X-One: a\nX-Two: b',
    'x-two:b',
  ),
  unsoundField(
    'bare-cr',
    'A bare CR in a field value is refused or becomes a space',
    'RFC 9112 2.2',
    'X-One: a\rX-Two: b',
    'x-one:a x-two: b',
  ),
  unsoundField(
    'nul',
    'A NUL in a field value is refused or becomes a space',
    'RFC 9110 5.5',
    'X-Nul: a\0b',
    'x-nul:a b',
  ),
  {
    id: 'space-in-target',
    name: 'A space in the request target gets 400',
    spec: 'RFC 9112 3.2',
    level: 'SHOULD',
    run: (scene) => refusedWith(scene, scene.head('GET', [], { suffix: '/a b' }), 400),
  },
  {
    id: 'empty-line',
    name: 'An empty line before the request is ignored',
    spec: 'RFC 9112 2.2',
    level: 'SHOULD',
    run: async ({ open, head, until }) => {
      const client = await open()
      client.send(`\r\n${head()}`)
      await until(() => client.final() || client.gone)
      return verdict(client.final()?.status === 200, refusal(client))
    },
  },
  absoluteForm('absolute-form', 'A target in absolute form is served', (host) => host),
  absoluteForm(
    'absolute-form-host',
    'The authority of an absolute form counts, not another Host, or it is refused',
    () => 'other.example',
    ({ request, client }) =>
      request ? verdict(!/other\.example/.test(request.head)) : yes(refusal(client)),
  ),
  target('target-slash', 'A path with %2F arrives as it is, or is refused', '/a%2Fb'),
  target('target-escapes', 'A path with %7e and %c3%a9 arrives as it is', '/%7e/%c3%a9;v=1'),
  target('target-slashes', 'A path with // arrives as it is, or is refused', '//x//y'),
  target('target-dots', 'A path with /../ arrives as it is, or is refused', '/a/../b'),
  target('target-query', 'A query arrives as it is', '/q?a=%20&&b=+%2f?/../c'),
  refusedMethod('trace', 'TRACE'),
  refusedMethod('connect', 'CONNECT', { target: 'example.com:80', hosts: ['example.com:80'] }),
  {
    id: 'options-asterisk',
    name: '`OPTIONS *` is answered, and is no path',
    spec: 'RFC 9112 3.2.4',
    level: 'feature',
    run: async ({ open, head, seen, until }) => {
      const client = await open()
      client.send(head('OPTIONS', [], { target: '*' }))
      await until(() => client.final() || client.gone)
      const [exchange] = seen()
      if (exchange && exchange.request.target !== '*') return no(`as ${exchange.request.target}`)
      // 405 or 501 say what is the case; 400 would say that the request is malformed.
      return [200, 204, 405, 501].includes(refusal(client))
        ? yes(refusal(client))
        : no(refusal(client))
    },
  },
  {
    id: 'unknown-method',
    name: 'A method FOO is carried, or refused with 405 or 501',
    spec: 'RFC 9110 9.1',
    level: 'SHOULD',
    run: async ({ open, head, seen, until }) => {
      const client = await open()
      client.send(head('FOO'))
      await until(() => client.final() || client.gone)
      if (seen()[0]?.request.method === 'FOO') return yes('carried')
      return [405, 501].includes(refusal(client)) ? yes(refusal(client)) : no(refusal(client))
    },
  },
]
