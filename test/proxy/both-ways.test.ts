import t from 'tap'
import { bearer, startGateway } from '../support/gateways.js'
import { connectRaw, exchangeRaw } from '../support/raw-client.js'
import { startHttpService, startRawService, OK_EMPTY } from '../support/services.js'
import { until } from '../support/until.js'

const AUTHORIZATION = `Authorization: ${bearer().Authorization}`

t.test('Expect: 100-continue goes end to end', async (t) => {
  const service = await startRawService(t, ({ socket, received }) => {
    if (received.includes('/refused'))
      socket.end('HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n')
    else if (received.endsWith('\r\n\r\n')) socket.write('HTTP/1.1 100 Continue\r\n\r\n')
    else if (received.endsWith('hello')) socket.write(OK_EMPTY)
  })
  const { port } = await startGateway(t, { upstream: service.url })
  const upload = (path: string): string[] => [
    `PUT /v1/proxy${path} HTTP/1.1`,
    'Host: a',
    AUTHORIZATION,
    'Expect: 100-continue',
    'Content-Length: 5',
    '',
    '',
  ]
  const client = connectRaw(t, port)
  client.send(...upload('/a'))
  t.equal(await client.until(/\r\n\r\n/), 'HTTP/1.1 100 Continue\r\n\r\n')
  client.send('hello')
  await client.until(/HTTP\/1\.1 200 OK/)
  t.match(service.connections[0]?.received, /\r\nExpect: 100-continue\r\n[^]*hello$/)
  t.match(await exchangeRaw(t, port, ...upload('/refused')), /^HTTP\/1\.1 413 Too Large\r\n/)
  const impatient = connectRaw(t, port)
  impatient.send(...upload('/b').slice(0, -1), 'hello')
  await impatient.until(/HTTP\/1\.1 200 OK/)
})

t.test('a service that answers before it has read the request is heard', async (t) => {
  const service = await startHttpService(t, (_, response) => {
    response.writeHead(413, { Connection: 'close' }).end('too large')
  })
  const { port, clock } = await startGateway(t, { upstream: service.url })
  const client = connectRaw(t, port)
  client.send(
    'PUT /v1/proxy/a HTTP/1.1',
    'Host: a',
    AUTHORIZATION,
    'Content-Length: 1000000',
    '',
    'x'.repeat(1000),
  )
  t.match(await client.until(/too large/), /^HTTP\/1\.1 413 [^]*\r\nConnection: close\r\n/)
  clock.hurry(t)
  await client.untilClosed()
})

t.test('an early answer keeps its end when the upload turns out faulty', async (t) => {
  const service = await startHttpService(t, (_, response) => void response.end('early'))
  const { port } = await startGateway(t, { upstream: service.url })
  const client = connectRaw(t, port)
  const lines = [
    'POST /v1/proxy/a HTTP/1.1',
    'Host: a',
    AUTHORIZATION,
    'Transfer-Encoding: chunked',
  ]
  client.send(...lines, '', '1', 'x', '')
  await client.until(/early/)
  client.send('no chunk', '')
  t.match(await client.untilClosed(), /\r\n\r\n(5\r\nearly\r\n0\r\n\r\n|early)$/)
})

t.test('a service that answers while it reads can stream both ways', async (t) => {
  const service = await startHttpService(t, (request, response) => {
    request.on('data', (chunk: Buffer) => response.write(chunk.toString().toUpperCase()))
    request.on('end', () => response.end('!'))
  })
  const { port } = await startGateway(t, { upstream: service.url })
  const client = connectRaw(t, port)
  client.send(
    'POST /v1/proxy/a HTTP/1.1',
    'Host: a',
    AUTHORIZATION,
    'Transfer-Encoding: chunked',
    '',
    '',
  )
  for (const word of ['one', 'two', 'six']) {
    client.send('3', word, '')
    await client.until(new RegExp(word.toUpperCase()))
  }
  client.send('0', '', '')
  await client.until(/!\r\n0\r\n\r\n$/)
  t.match(client.received, /ONE[^]*TWO[^]*SIX/)
})

t.test('headers of an answer do not wait for its body, and each chunk comes at once', async (t) => {
  let write = (text: string): void => void t.fail(`nobody to take ${text}`)
  const service = await startHttpService(t, (_, response) => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' }).flushHeaders()
    write = (text) => void response.write(text)
  })
  const { port } = await startGateway(t, { upstream: service.url })
  const client = connectRaw(t, port)
  client.send('GET /v1/proxy/events HTTP/1.1', 'Host: a', AUTHORIZATION, '', '')
  await client.until(/^HTTP\/1\.1 200 OK[^]*\r\n\r\n$/)
  for (const event of ['data: 1\n\n', 'data: 2\n\n']) {
    write(event)
    await until(event, () => client.received.includes(event))
  }
  t.pass()
})
