// Answers that end without a body, and trailers.
import { ok, reply } from '../origin.mjs'
import { lists, valuesOf } from '../message.mjs'
import { no, refusal, verdict } from '../verdict.mjs'

/** An answer without a body does not disturb the next one on the same connection. */
const bodiless = ({ id, name, spec, level, method = 'GET', response, isRight }) => ({
  id,
  name,
  spec,
  level,
  run: async ({ open, head, answer, until }) => {
    answer((exchange) =>
      exchange.send(exchange.request.target.endsWith('/next') ? ok('next') : response),
    )
    const client = await open()
    client.send(head(method))
    const first = await until(() => client.final(0, method))
    if (!first) return no(refusal(client))
    const problem = isRight(first)
    if (problem) return no(problem)
    client.send(head('GET', [], { suffix: '/next' }))
    await until(() => client.final(1, method) || client.gone)
    const second = client.final(1, method)
    return second ? verdict(second.body === 'next', 'next answer is wrong') : no('closed')
  },
})

const lacks = (name) => (answer) => valuesOf(answer, name).length > 0 && `has ${name}`
const hasLength = (value) => (answer) =>
  valuesOf(answer, 'content-length').join() !== value && 'Content-Length lost'

export default [
  bodiless({
    id: 'head',
    name: 'A HEAD answer keeps its Content-Length and has no body',
    spec: 'RFC 9110 9.3.2',
    level: 'SHOULD',
    method: 'HEAD',
    response: 'HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n',
    isRight: hasLength('1000'),
  }),
  bodiless({
    id: 'status-204',
    name: '204 has no body and no Transfer-Encoding',
    spec: 'RFC 9112 6.1',
    level: 'MUST',
    response: 'HTTP/1.1 204 No Content\r\n\r\n',
    isRight: lacks('transfer-encoding'),
  }),
  bodiless({
    id: 'status-304',
    name: '304 keeps its Content-Length and has no body',
    spec: 'RFC 9110 15.4.5',
    level: 'feature',
    response: 'HTTP/1.1 304 Not Modified\r\nContent-Length: 1000\r\nETag: "a"\r\n\r\n',
    isRight: hasLength('1000'),
  }),
  bodiless({
    id: 'status-205',
    name: '205 passes, without a body',
    spec: 'RFC 9110 15.3.6',
    level: 'MUST',
    response: reply('205 Reset Content', ''),
    isRight: ({ status, body }) => (status !== 205 && status) || (body !== '' && 'with a body'),
  }),
  {
    id: 'te-trailers',
    name: '`TE: trailers` reaches the service, and `Connection: TE` with it',
    spec: 'RFC 9110 10.1.4',
    level: 'feature',
    run: async ({ open, head, arrival }) => {
      const client = await open()
      client.send(head('GET', ['TE: trailers', 'Connection: TE']))
      const { request } = await arrival()
      if (!lists(request, 'TE', 'trailers')) return no()
      return verdict(lists(request, 'Connection', 'TE'), 'without Connection')
    },
  },
  {
    id: 'trailers-up',
    name: 'Trailers of a request reach the service',
    spec: 'RFC 9110 6.5.1',
    level: 'feature',
    run: async ({ open, head, arrival }) => {
      const client = await open()
      const lines = ['Transfer-Encoding: chunked', 'Trailer: X-Sum']
      client.send(`${head('POST', lines)}2\r\nhi\r\n0\r\nX-Sum: 42\r\n\r\n`)
      const exchange = await arrival()
      if (!exchange) return no(refusal(client))
      const trailers = exchange.request.trailers ?? []
      return verdict(trailers.some(([name]) => name.toLowerCase() === 'x-sum'))
    },
  },
  {
    id: 'trailers-down',
    name: 'Trailers of an answer reach the client',
    spec: 'RFC 9110 6.5.1',
    level: 'feature',
    run: async ({ open, head, answer, until }) => {
      const fields = 'Transfer-Encoding: chunked\r\nTrailer: X-Sum'
      answer((exchange) =>
        exchange.send(`HTTP/1.1 200 OK\r\n${fields}\r\n\r\n2\r\nhi\r\n0\r\nX-Sum: 42\r\n\r\n`),
      )
      const client = await open()
      client.send(head('GET', ['TE: trailers', 'Connection: TE']))
      const response = await until(() => client.final())
      const trailers = response?.trailers ?? []
      return verdict(trailers.some(([name]) => name.toLowerCase() === 'x-sum'))
    },
  },
]
