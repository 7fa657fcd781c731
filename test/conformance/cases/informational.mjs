// Interim answers, and a client that waits for one before it sends its body.
import { ok, reply } from '../origin.mjs'
import { valuesOf } from '../message.mjs'
import { no, refusal, verdict, yes } from '../verdict.mjs'

const interim = (status, ...lines) => [`HTTP/1.1 ${status}`, ...lines, '\r\n'].join('\r\n')
const EXPECT = ['Expect: 100-continue', 'Content-Length: 5']

/** Interim answers that the client has while the final one is still out. */
const relayed = (id, name, answers, isSeen = () => true) => ({
  id,
  name,
  spec: 'RFC 9110 15.2',
  level: 'MUST',
  run: async ({ open, head, answer, until }) => {
    const client = await open()
    const arrived = () => client.answers().filter(({ status }) => status < 200)
    const inTime = () => arrived().length >= answers.length
    let early = false
    answer(async (exchange) => {
      if (exchange.request.target.endsWith('/next')) return exchange.send(ok())
      exchange.send(answers.join(''))
      early = await until(inTime, 1_000)
      return exchange.send(ok())
    })
    client.send(head())
    await until(() => client.final())
    const statuses = answers.map((text) => Number(text.split(' ')[1])).join()
    const seen = arrived()
    if (seen.map(({ status }) => status).join() !== statuses) return no(listed(seen))
    if (!early) return no('late')
    if (!isSeen(seen[0])) return no('without its fields')
    // Who took the first for the final answer does not know where the whole ends.
    client.send(head('GET', [], { suffix: '/next' }))
    return verdict(await until(() => client.final(1), 1_000), 'then the connection hangs')
  },
})

const listed = (seen) => seen.map(({ status }) => status).join(', ')

export default [
  relayed(
    'early-hints',
    '103 Early Hints is relayed, before the answer is there',
    [interim('103 Early Hints', 'Link: </a.css>; rel=preload')],
    (seen) => valuesOf(seen, 'link').length === 1,
  ),
  relayed('processing', '102 Processing is relayed', [interim('102 Processing')]),
  relayed('several-interim', 'Several interim answers are relayed in order, an unknown one too', [
    interim('102 Processing'),
    interim('103 Early Hints', 'Link: </a>'),
    interim('199 Nobody Knows'),
    interim('103 Early Hints', 'Link: </b>'),
  ]),
  {
    id: 'interim-http-10',
    name: 'An HTTP/1.0 client is sent no interim answer',
    spec: 'RFC 9110 15.2',
    level: 'MUST',
    run: async ({ open, head, answer, until }) => {
      answer((exchange) => exchange.send(interim('103 Early Hints', 'Link: </a>') + ok()))
      const client = await open()
      client.send(head('GET', [], { version: '1.0' }))
      await until(() => client.final() || client.gone)
      const [first] = client.answers()
      return first?.status === 200 ? yes() : no(first?.status ?? refusal(client))
    },
  },
  {
    id: 'expect-forwarded',
    name: 'Expect: 100-continue reaches the service before there is a body',
    spec: 'RFC 9110 10.1.1',
    level: 'MUST',
    run: async ({ open, head, arrival }) => {
      const client = await open()
      client.send(head('POST', EXPECT))
      const exchange = await arrival({ whole: false })
      if (!exchange) return no(refusal(client))
      return verdict(valuesOf(exchange.request, 'expect').length === 1, 'without Expect')
    },
  },
  {
    id: 'expect-continue',
    name: 'The 100 that a client waits for is that of the service',
    spec: 'RFC 9110 10.1.1',
    level: 'MUST',
    run: async ({ open, head, answer, until }) => {
      const client = await open()
      let isEarly = false
      answer(async (exchange) => {
        // A proxy that says 100 by itself does so as soon as it has the head.
        isEarly = await until(() => client.received !== '', 150)
        exchange.send(interim('100 Continue'))
        await until(() => exchange.complete)
        exchange.send(ok(exchange.request.body))
      })
      client.send(head('POST', EXPECT))
      await until(() => client.received !== '', 1_000)
      if (client.answers()[0]?.status !== 100) return no(refusal(client))
      client.send('hello')
      const response = await until(() => client.final())
      if (response?.body !== 'hello') return no(refusal(client))
      return verdict(!isEarly, client.answers().length > 2 ? 'its own too' : 'its own')
    },
  },
  {
    id: 'expect-refused',
    name: 'A refusal of the service comes in place of 100, the body is never asked for',
    spec: 'RFC 9110 10.1.1',
    level: 'feature',
    run: async ({ open, head, answer, until, seen }) => {
      answer((exchange) => exchange.send(reply('413 Content Too Large', 'big')))
      const client = await open()
      client.send(head('POST', EXPECT))
      await until(() => client.final() || client.gone)
      const [first] = client.answers()
      if (first?.status === 413) return verdict(seen()[0].request.body === '', 'a body')
      return no(first?.status === 100 ? 'its own 100' : refusal(client))
    },
  },
]
