import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { IncomingMessage } from 'node:http'
import type { Test } from 'tap'
import { WebSocket, WebSocketServer, type ClientOptions, type ServerOptions } from 'ws'
import { bearer } from './gateways.js'

export interface WebSocketService {
  url: string
  /** The requests that opened a WebSocket. */
  requests: IncomingMessage[]
  /** The service's end of each. */
  sockets: WebSocket[]
  /** With what code and reason each was closed. */
  closed: Array<[number, string]>
  server: Server
}

/** Starts a service that sends each message back as it came. */
export const startWebSocketService = async (
  t: Test,
  options: ServerOptions = {},
): Promise<WebSocketService> => {
  const server = createServer((_, response) => void response.writeHead(426).end('upgrade!'))
  const service: WebSocketService = { url: '', requests: [], sockets: [], closed: [], server }
  const wss = new WebSocketServer({ server, maxPayload: 2 ** 27, ...options })
  wss.on('connection', (socket, request) => {
    service.requests.push(request)
    service.sockets.push(socket)
    socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }))
    socket.on('close', (code, reason) => service.closed.push([code, reason.toString()]))
    socket.on('error', () => {})
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    for (const socket of service.sockets) socket.terminate()
    server.close()
    server.closeAllConnections()
  })
  service.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return service
}

export interface WebSocketClient {
  socket: WebSocket
  /** What came, whole messages. */
  messages: Array<Buffer | string>
  /** The code and reason that it was closed with. */
  closed: Promise<[number, string]>
}

export interface Connect {
  path?: string
  protocols?: string[]
  headers?: Record<string, string>
  options?: ClientOptions
}

/** Opens a WebSocket through a gateway, and resolves when it is open. */
export const openWebSocket = async (
  t: Test,
  port: number,
  { path = '/v1/proxy/', protocols = [], headers = bearer(), options = {} }: Connect = {},
): Promise<WebSocketClient> => {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, protocols, {
    headers,
    maxPayload: 2 ** 27,
    ...options,
  })
  t.teardown(() => socket.terminate())
  const messages: Array<Buffer | string> = []
  socket.on('message', (data: Buffer, isBinary) =>
    messages.push(isBinary ? data : data.toString('utf8')),
  )
  const closed = once(socket, 'close').then(
    ([code, reason]) => [code, String(reason)] as [number, string],
  )
  await once(socket, 'open')
  return { socket, messages, closed }
}
