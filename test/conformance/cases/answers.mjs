// Answers that are not what they should be: nobody is told that something is whole which is not.
import { valuesOf } from '../message.mjs'
import { ok } from '../origin.mjs'
import { no, refusal, verdict, yes } from '../verdict.mjs'

const head = (...lines) => ['HTTP/1.1 200 OK', ...lines, '\r\n'].join('\r\n')
const CHUNKED = 'Transfer-Encoding: chunked'

/** An answer that breaks off is not whole at the client, who can tell without waiting. */
const cut = (id, name, spec, level, beginning, breakOff) => ({
  id,
  name,
  spec,
  level,
  run: async (scene) => {
    const client = await scene.open()
    scene.answer(async (exchange) => {
      exchange.send(beginning)
      // Once its beginning is at the client a break is all that can be told.
      await scene.until(() => client.received.includes('\r\n\r\n'), 500)
      breakOff(exchange.wire)
    })
    client.send(scene.head())
    await scene.until(() => client.final() || client.gone)
    const response = client.final()
    if (!response) return client.gone ? yes() : no('client waits')
    return response.status >= 500 ? yes(response.status) : no('looks whole')
  },
})

/** An answer that is faulty becomes 502, or what the client gets in its place `isSound`. */
const faulty = (id, name, spec, level, answer, isSound = () => false) => ({
  id,
  name,
  spec,
  level,
  run: async (scene) => {
    scene.answer((exchange) => {
      exchange.send(answer)
      exchange.wire.end()
    })
    const client = await scene.open()
    client.send(scene.head())
    await scene.until(() => client.final() || client.gone)
    const response = client.final()
    if (!response) return no(client.received ? 'passed on' : refusal(client))
    const { status } = response
    if (status === 502 || isSound(response)) return yes(status === 200 ? 'mended' : status)
    return no(status === 200 ? 'passed on' : status)
  },
})

export default [
  {
    id: 'close-delimited',
    name: 'An answer that ends with its connection is relayed whole',
    spec: 'RFC 9112 6.3',
    level: 'MUST',
    run: async (scene) => {
      scene.answer((exchange) => {
        exchange.send(`${head('Connection: close')}to the end`)
        exchange.wire.end()
      })
      const client = await scene.open()
      client.send(scene.head())
      await scene.until(() => client.final())
      return verdict(client.final()?.body === 'to the end', refusal(client))
    },
  },
  cut(
    'cut-close-delimited',
    'An answer that ends with its connection does not look whole if that is reset',
    'RFC 9112 8',
    'feature',
    `${head()}half`,
    (wire) => wire.reset(),
  ),
  cut(
    'cut-length',
    'An answer shorter than its Content-Length does not look whole',
    'RFC 9112 8',
    'MUST',
    `${head('Content-Length: 10')}half`,
    (wire) => wire.end(),
  ),
  cut(
    'cut-chunked',
    'A chunked answer that ends early does not look whole',
    'RFC 9112 8',
    'MUST',
    `${head(CHUNKED)}4\r\nhalf\r\n`,
    (wire) => wire.end(),
  ),
  cut(
    'cut-chunk-size',
    'A chunked answer with a faulty chunk does not look whole',
    'RFC 9112 7.1',
    'MUST',
    `${head(CHUNKED)}4\r\nhalf\r\n`,
    (wire) => wire.send('zz\r\nrest\r\n0\r\n\r\n'),
  ),
  faulty(
    'garbage',
    'An answer that is no HTTP becomes 502',
    'RFC 9110 15.6.3',
    'feature',
    'nonsense\r\n\r\n',
  ),
  faulty(
    'no-answer',
    'A connection closed without an answer becomes 502',
    'RFC 9110 15.6.3',
    'feature',
    '',
  ),
  faulty(
    'response-lengths',
    'An answer with two Content-Lengths becomes 502',
    'RFC 9112 6.3',
    'MUST',
    `${head('Content-Length: 2', 'Content-Length: 3')}ok!`,
  ),
  faulty(
    'response-length-and-chunked',
    'An answer with Content-Length and Transfer-Encoding loses the former or is refused',
    'RFC 9112 6.3',
    'MUST',
    `${head('Content-Length: 3', CHUNKED)}2\r\nok\r\n0\r\n\r\n`,
    (response) =>
      response.status >= 500 ||
      (response.body === 'ok' &&
        valuesOf(response, 'transfer-encoding').concat(valuesOf(response, 'content-length'))
          .length === 1),
  ),
  faulty(
    'response-space',
    'Whitespace before the colon of an answer is taken off, or it is refused',
    'RFC 9112 5.1',
    'MUST',
    ok('ok', 'X-Space : a'),
    ({ head: seen }) => !/X-Space\s+:/i.test(seen),
  ),
  faulty(
    'response-fold',
    'A folded line of an answer is unfolded or becomes 502',
    'RFC 9112 5.2',
    'MUST',
    ok('ok', 'X-Fold: a\r\n b'),
    (response) => /^a +b$/.test(valuesOf(response, 'x-fold')[0]),
  ),
  faulty(
    'response-nul',
    'A NUL in an answer becomes a space, or it is refused',
    'RFC 9110 5.5',
    'MUST',
    ok('ok', 'X-Nul: a\0b'),
    ({ head: seen }) => !seen.includes('\0'),
  ),
]
