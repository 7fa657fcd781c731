// Connections that stop speaking HTTP: WebSocket, and any other protocol.
import { createHash } from 'node:crypto'
import { lists, valuesOf } from '../message.mjs'
import { ok, reply } from '../origin.mjs'
import { no, refusal, verdict, yes } from '../verdict.mjs'
import { flood } from '../wire.mjs'

const LIMIT = 32 * 1024 * 1024
const RAW = ['Connection: Upgrade', 'Upgrade: x-raw']
const RAW_SWITCH =
  'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x-raw\r\n\r\n'

// RFC 6455 Section 1.3.
const WEBSOCKET = [
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
]
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'

const websocketSwitch = (request) => {
  const key = valuesOf(request, 'sec-websocket-key')[0]
  const accept = createHash('sha1').update(`${key}${GUID}`).digest('base64')
  return RAW_SWITCH.replace('x-raw\r\n', `websocket\r\nSec-WebSocket-Accept: ${accept}\r\n`)
}
const frame = (text) => `\x81${String.fromCharCode(text.length)}${text}`
// A mask of zeros is still a mask, and leaves the text to be seen.
const maskedFrame = (text) => `\x81${String.fromCharCode(text.length + 128)}\0\0\0\0${text}`

/** A tunnel of a protocol that nobody knows; the service says `hello` with its 101. */
const tunnel = async ({ open, head, answer, until, seen }) => {
  answer((exchange) => exchange.send(`${RAW_SWITCH}hello`))
  const client = await open()
  client.send(head('GET', RAW))
  const isOpen = await until(() => client.final()?.body === 'hello', 1_000)
  return { client, service: isOpen && seen()[0].wire }
}

const failure = (client) => no(client.final()?.status === 101 ? 'bytes lost' : refusal(client))

export default [
  {
    id: 'websocket',
    name: 'A WebSocket carries frames both ways',
    spec: 'RFC 6455 4',
    level: 'feature',
    run: async ({ open, head, answer, arrival, until }) => {
      answer((exchange) => exchange.send(websocketSwitch(exchange.request)))
      const client = await open()
      client.send(head('GET', WEBSOCKET))
      if ((await until(() => client.final(), 1_000))?.status !== 101) return no(refusal(client))
      client.send(maskedFrame('ping'))
      const wire = (await arrival({ whole: false }))?.wire
      if (!wire) return no('nothing up')
      // Who speaks WebSocket itself masks with a key of its own: the length of the frame is enough.
      if (!(await until(() => wire.received.includes('\x81\x84'), 1_000))) return no('nothing up')
      wire.send(frame('pong'))
      return (await until(() => client.received.includes(frame('pong')), 1_000))
        ? yes()
        : no('up only')
    },
  },
  {
    id: 'websocket-eager',
    name: 'A frame in the same packet as its 101 reaches the client',
    spec: 'RFC 6455 4',
    level: 'feature',
    run: async ({ open, head, answer, until }) => {
      answer((exchange) => exchange.send(websocketSwitch(exchange.request) + frame('first')))
      const client = await open()
      client.send(head('GET', WEBSOCKET))
      const isThere = await until(() => client.final()?.body === frame('first'), 1_000)
      return isThere ? yes() : failure(client)
    },
  },
  {
    id: 'upgrade-any',
    name: 'A protocol that nobody knows is tunnelled too, both ways',
    spec: 'RFC 9110 7.8',
    level: 'feature',
    run: async (scene) => {
      const { client, service } = await tunnel(scene)
      if (!service) return failure(client)
      client.send('\0up\r\n\r\n')
      if (!(await scene.until(() => service.received.endsWith('\0up\r\n\r\n'))))
        return no('down only')
      service.send('\0down')
      return verdict(await scene.until(() => client.received.endsWith('\0down')), 'up only')
    },
  },
  {
    id: 'upgrade-eager-client',
    name: 'Bytes that come right behind the request for an upgrade reach the service',
    spec: '—',
    level: 'feature',
    run: async ({ open, head, answer, until, seen }) => {
      answer((exchange) => exchange.send(RAW_SWITCH))
      const client = await open()
      client.send(`${head('GET', RAW)}eager`)
      await until(() => client.final(), 1_000)
      const isThere = await until(() => seen()[0]?.wire.received.endsWith('\r\n\r\neager'), 500)
      return isThere ? yes() : failure(client)
    },
  },
  {
    id: 'half-close-client',
    name: 'A client that ends its side of a tunnel still gets what the service has to say',
    spec: '—',
    level: 'feature',
    run: async (scene) => {
      const { client, service } = await tunnel(scene)
      if (!service) return failure(client)
      client.send('bye').end()
      if (!(await scene.until(() => service.ended))) return no('end not passed on')
      service.send('late').end()
      return verdict(await scene.until(() => client.received.endsWith('late')), 'cut')
    },
  },
  {
    id: 'half-close-service',
    name: 'A service that ends its side of a tunnel still gets what the client has to say',
    spec: '—',
    level: 'feature',
    run: async (scene) => {
      const { client, service } = await tunnel(scene)
      if (!service) return failure(client)
      service.send('bye').end()
      if (!(await scene.until(() => client.ended))) return no('end not passed on')
      client.send('late').end()
      return verdict(await scene.until(() => service.received.endsWith('late')), 'cut')
    },
  },
  {
    id: 'tunnel-back-pressure',
    name: 'A client that does not read stops a tunnel: less than 32 MiB are taken',
    spec: '—',
    level: 'feature',
    run: async (scene) => {
      const { client, service } = await tunnel(scene)
      if (!service) return failure(client)
      client.socket.pause()
      const taken = await flood(service, LIMIT)
      return verdict(taken < LIMIT && !service.gone, service.gone ? 'cut' : 'all taken')
    },
  },
  {
    id: 'tunnel-abort',
    name: 'A client that vanishes from a tunnel takes the connection to the service along',
    spec: '—',
    level: 'feature',
    run: async (scene) => {
      const { client, service } = await tunnel(scene)
      if (!service) return failure(client)
      client.reset()
      return verdict(await scene.until(() => service.gone), 'left open')
    },
  },
  {
    id: 'upgrade-refused',
    name: 'A refusal to upgrade is relayed whole, and the connection goes on or says that it ends',
    spec: 'RFC 9110 7.8',
    level: 'feature',
    run: async ({ open, head, answer, until }) => {
      answer((exchange) => {
        const refuses = valuesOf(exchange.request, 'upgrade').length > 0
        exchange.send(refuses ? reply('403 Forbidden', 'not you', 'X-Why: 1') : ok('next'))
      })
      const client = await open()
      client.send(head('GET', WEBSOCKET))
      const first = await until(() => client.final(), 1_000)
      if (first?.status !== 403 || first.body !== 'not you') return no(refusal(client))
      if (lists(first, 'connection', 'close')) return yes('closes')
      client.send(head())
      await until(() => client.final(1) || client.gone)
      return verdict(client.final(1)?.body === 'next', 'closed')
    },
  },
  {
    id: 'upgrade-h2c',
    name: 'HTTP2-Settings, which Connection names, is not passed on with `Upgrade: h2c`',
    spec: 'RFC 9110 7.6.1',
    level: 'MUST',
    run: async ({ open, head, until, seen }) => {
      const client = await open()
      const lines = ['Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c']
      client.send(head('GET', [...lines, 'HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA']))
      await until(() => client.final() || client.gone)
      if (!seen()[0]) return yes(refusal(client))
      return verdict(valuesOf(seen()[0].request, 'http2-settings').length === 0, 'passed on')
    },
  },
  {
    id: 'upgrade-http-10',
    name: 'Upgrade from an HTTP/1.0 client is ignored',
    spec: 'RFC 9110 7.8',
    level: 'MUST',
    run: async ({ open, head, until, seen }) => {
      const client = await open()
      client.send(head('GET', RAW, { version: '1.0' }))
      await until(() => client.final() || client.gone)
      if (!seen()[0]) return no(refusal(client))
      return verdict(valuesOf(seen()[0].request, 'upgrade').length === 0, 'passed on')
    },
  },
  {
    id: 'upgrade-unasked',
    name: 'A 101 that nobody asked for is not relayed',
    spec: 'RFC 9110 7.8',
    level: 'MUST',
    run: async ({ open, head, answer, until }) => {
      answer((exchange) => exchange.send(`${RAW_SWITCH}raw`))
      const client = await open()
      client.send(head())
      await until(() => client.received !== '' || client.gone)
      return client.received.startsWith('HTTP/1.1 101') ? no(101) : yes(refusal(client))
    },
  },
]
