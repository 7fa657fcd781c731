// How long connections live, on both sides, and what they may carry one after the other.
import { valuesOf } from '../message.mjs'
import { ok } from '../origin.mjs'
import { no, refusal, verdict, yes } from '../verdict.mjs'

const CHUNKED_OK = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n'

/** Two requests on one connection of the client, the second once the first is answered. */
const oneAfterTheOther = async ({ open, head, until }, method, betweenThem = async () => {}) => {
  const client = await open()
  client.send(head())
  await until(() => client.final() || client.gone)
  await betweenThem()
  const body = method === 'POST' ? ['Content-Length: 0'] : []
  client.send(head(method, body, { suffix: '/second' }))
  await until(() => client.final(1) || client.gone)
  return client
}

/** The connection to the service dies just as the second request arrives on it. */
const dying = async (scene, method) => {
  let hasDied = false
  scene.answer((exchange) => {
    const isSecond = exchange.request.target.endsWith('/second')
    if (!isSecond || hasDied || !exchange.isOnKeptConnection) return exchange.send(ok())
    hasDied = true
    return exchange.wire.close()
  })
  const client = await oneAfterTheOther(scene, method)
  const requests = scene.seen().filter(({ request }) => request.target.endsWith('/second'))
  return { hasDied, client, times: requests.length }
}

/** Bytes that the service sends behind an answer never answer another request. */
const surplus = (id, name, send) => ({
  id,
  name,
  spec: 'RFC 9112 6.3',
  level: 'MUST',
  run: async (scene) => {
    let first
    scene.answer((exchange) => {
      if (first) return exchange.send(ok('right'))
      first = exchange
      return send(exchange, ok('wrong'))
    })
    const client = await oneAfterTheOther(scene, 'GET', async () => {
      if (!first.wire.gone && !first.sent.includes('wrong')) first.send(ok('wrong'))
      // The proxy is given a short time to notice; most close the connection to the service.
      await scene.until(() => first.wire.gone, 100)
    })
    if (client.received.includes('wrong')) return no('given to the next')
    return client.final(1)?.body === 'right' ? yes() : no(refusal(client, 1))
  },
})

export default [
  {
    id: 'pipelined',
    name: 'Pipelined requests are answered in order',
    spec: 'RFC 9112 9.3.2',
    level: 'MUST',
    run: async ({ open, head, answer, until, seen }) => {
      answer(async (exchange) => {
        const { target } = exchange.request
        // The first is the slowest: whoever asks for all at once has the others' answers before.
        if (target.endsWith('/1')) await until(() => seen().length > 1, 150)
        exchange.send(ok(target.slice(-2)))
      })
      const client = await open()
      client.send(['/1', '/2', '/3'].map((suffix) => head('GET', [], { suffix })).join(''))
      await until(() => client.final(2) || client.gone)
      const bodies = client.answers().map(({ body }) => body)
      return verdict(bodies.join() === '/1,/2,/3', bodies.join(' '))
    },
  },
  {
    id: 'client-close',
    name: 'Connection: close of a client closes its connection after the answer',
    spec: 'RFC 9112 9.6',
    level: 'MUST',
    run: async ({ open, head, until }) => {
      const client = await open()
      client.send(head('GET', ['Connection: close']))
      await until(() => client.gone)
      return client.gone && client.final()?.status === 200 ? yes() : no(refusal(client))
    },
  },
  {
    id: 'origin-close',
    name: "The service's Connection: close leaves the client's connection open",
    spec: 'RFC 9110 7.6.1',
    level: 'feature',
    run: async (scene) => {
      scene.answer((exchange) => {
        exchange.send(ok('ok', 'Connection: close'))
        exchange.wire.end()
      })
      const client = await oneAfterTheOther(scene, 'GET')
      return verdict(client.final(1)?.status === 200, refusal(client, 1))
    },
  },
  {
    id: 'origin-kept',
    name: 'The connection to the service is used again',
    spec: 'RFC 9112 9.3',
    level: 'SHOULD',
    run: async (scene) => {
      await oneAfterTheOther(scene, 'GET')
      return verdict(scene.seen().at(-1).isOnKeptConnection)
    },
  },
  {
    id: 'http-10-framing',
    name: 'An HTTP/1.0 client is sent no chunked coding',
    spec: 'RFC 9112 6.1',
    level: 'MUST',
    run: async ({ open, head, answer, until }) => {
      answer((exchange) => exchange.send(CHUNKED_OK))
      const client = await open()
      client.send(head('GET', [], { version: '1.0' }))
      const response = await until(() => client.final())
      if (!response) return no(refusal(client))
      if (response.framing === 'chunked') return no('chunked')
      return verdict(response.body === 'ok', 'body lost')
    },
  },
  {
    id: 'http-10-version',
    name: 'What an HTTP/1.0 client asks for goes on as HTTP/1.1',
    spec: 'RFC 9112 2.3',
    level: 'MUST',
    run: async ({ open, head, arrival }) => {
      const client = await open()
      client.send(head('GET', [], { version: '1.0' }))
      const { version } = (await arrival()).request
      return verdict(version === 'HTTP/1.1', version)
    },
  },
  {
    id: 'http-10-service',
    name: 'What an HTTP/1.0 service answers goes on as HTTP/1.1',
    spec: 'RFC 9112 2.3',
    level: 'MUST',
    run: async ({ open, head, answer, until }) => {
      answer((exchange) => {
        exchange.send('HTTP/1.0 200 OK\r\n\r\nto the end')
        exchange.wire.end()
      })
      const client = await open()
      client.send(head())
      const response = await until(() => client.final())
      if (response?.body !== 'to the end') return no(refusal(client))
      const [version] = response.startLine.split(' ')
      return verdict(version === 'HTTP/1.1', version)
    },
  },
  {
    id: 'http-10-close',
    name: 'The connection of an HTTP/1.0 client ends with its answer',
    spec: 'RFC 9112 9.3',
    level: 'MUST',
    run: async ({ open, head, until }) => {
      const client = await open()
      client.send(head('GET', [], { version: '1.0' }))
      await until(() => client.gone)
      return verdict(client.gone && client.final()?.status === 200, 'stays open')
    },
  },
  {
    id: 'http-10-kept',
    name: 'The connection of an HTTP/1.0 client is kept if it asks for that',
    spec: 'RFC 9112 C.2.2',
    level: 'feature',
    run: async ({ open, head, until }) => {
      const client = await open()
      const options = { version: '1.0' }
      client.send(head('GET', ['Connection: keep-alive'], options))
      const response = await until(() => client.final())
      if (!/keep-alive/i.test(valuesOf(response, 'connection').join())) return no('closes')
      client.send(head('GET', ['Connection: keep-alive'], options))
      await until(() => client.final(1) || client.gone)
      return verdict(client.final(1), refusal(client, 1))
    },
  },
  {
    id: 'stale-get',
    name: 'A GET that meets a dying kept connection is sent again',
    spec: 'RFC 9112 9.3.1',
    level: 'feature',
    run: async (scene) => {
      const { hasDied, client } = await dying(scene, 'GET')
      if (!hasDied) return yes('connection not used again')
      return verdict(client.final(1)?.status === 200, refusal(client, 1))
    },
  },
  {
    id: 'stale-post',
    name: 'A POST that meets a dying kept connection is not sent twice',
    spec: 'RFC 9112 9.3.1',
    level: 'MUST',
    run: async (scene) => {
      const { hasDied, client, times } = await dying(scene, 'POST')
      if (!hasDied) return yes('connection not used again')
      return times > 1 ? no(`${times} times`) : yes(refusal(client, 1))
    },
  },
  surplus(
    'surplus',
    'Bytes right behind an answer are never given to another request',
    (exchange, wrong) => exchange.send(ok('first') + wrong),
  ),
  surplus(
    'surplus-idle',
    'Bytes that come on an idle connection are never given to a request',
    (exchange) => exchange.send(ok('first')),
  ),
]
