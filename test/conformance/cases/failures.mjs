// Clients and services that go away, or never come.
import { no, refusal, verdict, yes } from '../verdict.mjs'

const CHUNKED = 'Transfer-Encoding: chunked'
const HALF = `HTTP/1.1 200 OK\r\n${CHUNKED}\r\n\r\n4\r\nhalf\r\n`

/** A client that goes away while its exchange runs: the service learns of it. */
const abort = (id, name, beginning) => ({
  id,
  name,
  spec: '—',
  level: 'feature',
  run: async ({ open, head, answer, arrival, until }) => {
    answer((exchange) => exchange.send(beginning))
    const client = await open()
    client.send(head())
    const exchange = await arrival()
    await until(() => client.received.length >= beginning.length, beginning ? 500 : 0)
    client.close()
    // Less than the time that any contender waits for an answer: what ends it is the client.
    return verdict(await until(() => exchange.wire.gone, 1_500), 'not told')
  },
})

export default [
  {
    id: 'cut-upload',
    name: 'An upload that breaks off is never whole at the service',
    spec: 'RFC 9112 8',
    level: 'MUST',
    run: async ({ open, head, arrival, seen, until }) => {
      for (const [index, leave] of ['end', 'close', 'reset'].entries()) {
        const client = await open()
        client.send(`${head('POST', [CHUNKED])}4\r\nhalf\r\n`)
        const exchange = await arrival({ whole: false, index })
        await until(() => exchange?.request.body === 'half', 300)
        client[leave]()
        await until(() => exchange?.complete || exchange?.wire.gone, 700)
      }
      return verdict(!seen().some(({ complete }) => complete), 'looks whole')
    },
  },
  abort('abort-waiting', 'A client that leaves before the answer is made known to the service', ''),
  abort(
    'abort-reading',
    'A client that leaves during the answer is made known to the service',
    HALF,
  ),
  {
    id: 'timeout',
    name: 'A service that never answers becomes 504',
    spec: 'RFC 9110 15.6.5',
    level: 'feature',
    run: async ({ open, head, answer, until }) => {
      answer(() => {})
      const client = await open()
      client.send(head())
      await until(() => client.final() || client.gone, 4_500)
      return refusal(client) === 504 ? yes() : no(refusal(client))
    },
  },
  {
    id: 'origin-down',
    name: 'A service that is down becomes 502 or 503, and is back as soon as it is up',
    spec: 'RFC 9110 15.6.3',
    level: 'feature',
    run: async ({ open, head, origin, until }) => {
      const client = await open()
      const port = await origin.close()
      client.send(head())
      await until(() => client.final() || client.gone, 5_000)
      await origin.listen(port)
      const status = refusal(client)
      if (status !== 502 && status !== 503) return no(status)
      const next = await open()
      next.send(head())
      await until(() => next.final() || next.gone)
      return next.final()?.status === 200 ? yes(status) : no(`${status}, then ${refusal(next)}`)
    },
  },
]
