// Which fields pass, and how.
import { valuesOf } from '../message.mjs'
import { ok } from '../origin.mjs'
import { no, refusal, verdict, yes } from '../verdict.mjs'

/** A GET with the field lines of `up` is answered with those of `down`; `judge` sees both ends. */
const exchanged = ({ id, name, spec, level, up = [], down = [], judge, suffixOf = () => '' }) => ({
  id,
  name,
  spec,
  level,
  run: async (scene) => {
    scene.answer((exchange) => exchange.send(ok('ok', ...down)))
    const client = await scene.open()
    client.send(scene.head('GET', up, { suffix: suffixOf(scene.path) }))
    await scene.until(() => client.final() || client.gone)
    const [exchange] = scene.seen()
    if (client.final()?.status !== 200) return no(refusal(client))
    return judge({ request: exchange.request, response: client.final() })
  },
})

const namesOf = ({ fields }, pattern) =>
  fields.map(([name]) => name.toLowerCase()).filter((name) => pattern.test(name))

const none = (names) => verdict(names.length === 0, names.join(', '))

const NOMINATED = ['X-Hop: 1', 'X-End: 1']
const LARGE = ['X-One', 'X-Two'].map((name) => `${name}: ${'x'.repeat(6_000)}`)

export default [
  exchanged({
    id: 'nominated-request',
    name: 'What Connection names in a request stays at the proxy',
    spec: 'RFC 9110 7.6.1',
    level: 'MUST',
    up: ['Connection: X-Hop, keep-alive', ...NOMINATED],
    judge: ({ request }) =>
      verdict(namesOf(request, /^x-(hop|end)$/).join() === 'x-end', 'passed on'),
  }),
  exchanged({
    id: 'nominated-response',
    name: 'What Connection names in an answer stays at the proxy',
    spec: 'RFC 9110 7.6.1',
    level: 'MUST',
    down: ['Connection: X-Hop', ...NOMINATED],
    judge: ({ response }) =>
      verdict(namesOf(response, /^x-(hop|end)$/).join() === 'x-end', 'passed on'),
  }),
  exchanged({
    id: 'hop-request',
    name: 'Proxy-Connection, and Upgrade without Connection, stay at the proxy',
    spec: 'RFC 9110 7.6.1',
    level: 'SHOULD',
    up: ['Proxy-Connection: keep-alive', 'Upgrade: x-raw'],
    judge: ({ request }) => none(namesOf(request, /^(proxy-connection|upgrade)$/)),
  }),
  exchanged({
    id: 'hop-keep-alive',
    name: 'Keep-Alive stays at the proxy, both ways',
    spec: 'RFC 9110 7.6.1',
    level: 'SHOULD',
    up: ['Keep-Alive: timeout=99'],
    down: ['Keep-Alive: timeout=99'],
    judge: (ends) => {
      const passed = Object.keys(ends).filter((end) =>
        valuesOf(ends[end], 'keep-alive').includes('timeout=99'),
      )
      return none(passed)
    },
  }),
  exchanged({
    id: 'via',
    name: 'Via is added to a request, behind those that are there',
    spec: 'RFC 9110 7.6.3',
    level: 'MUST',
    up: ['Via: 1.0 first'],
    judge: ({ request }) => {
      const via = valuesOf(request, 'via').join(', ')
      return verdict(/^1\.0 first, *(HTTP\/)?1\.1 \S+/.test(via), via === '1.0 first' ? '' : via)
    },
  }),
  exchanged({
    id: 'date',
    name: 'An answer without Date is given one',
    spec: 'RFC 9110 6.6.1',
    level: 'MUST',
    judge: ({ response }) => verdict(valuesOf(response, 'date').length === 1),
  }),
  exchanged({
    id: 'request-order',
    name: 'Lines of one name keep their order in a request',
    spec: 'RFC 9110 5.3',
    level: 'MUST',
    up: ['X-List: b', 'X-Other: 1', 'X-List: a', 'X-List: c'],
    judge: ({ request }) =>
      verdict(valuesOf(request, 'x-list').join().replaceAll(' ', '') === 'b,a,c', 'changed'),
  }),
  exchanged({
    id: 'set-cookie',
    name: 'Two Set-Cookie lines of an answer stay two, in order',
    spec: 'RFC 6265 3',
    level: 'SHOULD',
    down: ['Set-Cookie: b=1, 2', 'Set-Cookie: a=2'],
    judge: ({ response }) =>
      verdict(valuesOf(response, 'set-cookie').join('|') === 'b=1, 2|a=2', 'changed'),
  }),
  exchanged({
    id: 'letter-case',
    name: 'Names of fields keep their letter case, both ways',
    spec: 'RFC 9110 5.1',
    level: 'feature',
    up: ['X-cAsE-uP: 1'],
    down: ['X-cAsE-dOwN: 1'],
    judge: ({ request, response }) =>
      verdict(request.head.includes('X-cAsE-uP:') && response.head.includes('X-cAsE-dOwN:')),
  }),
  exchanged({
    id: 'obs-text',
    name: 'Bytes above 0x7f in a value pass unchanged, both ways',
    spec: 'RFC 9110 5.5',
    level: 'SHOULD',
    up: ['X-Text: caf\xe9'],
    down: ['X-Text: caf\xe9'],
    judge: (ends) =>
      verdict(
        Object.values(ends).every((end) => valuesOf(end, 'x-text').join() === 'caf\xe9'),
        'changed',
      ),
  }),
  exchanged({
    id: 'large-line',
    name: 'A request line of 8,000 bytes passes',
    spec: 'RFC 9112 3',
    level: 'SHOULD',
    suffixOf: (path) => `/${'x'.repeat(8_000 - `GET ${path}/ HTTP/1.1`.length)}`,
    judge: () => yes(),
  }),
  exchanged({
    id: 'large-fields',
    name: 'Fields of 12,000 bytes pass, both ways',
    spec: 'RFC 9110 5.4',
    level: 'feature',
    up: LARGE,
    down: LARGE,
    judge: ({ request, response }) =>
      verdict(
        [request, response].every(({ head }) => head.length > 12_000),
        'lost',
      ),
  }),
]
