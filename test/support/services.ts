import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { createServer as createTlsServer, type TlsOptions } from 'node:tls'
import type { Test } from 'tap'
import { listenWhile } from './listening.js'

interface Received {
  method: string
  url: string
  rawHeaders: string[]
  headers: IncomingMessage['headers']
  body: string
}

/** A service behind the gateway. */
export interface Service {
  url: string
  port: number
  /** The requests that arrived whole. */
  requests: Received[]
  /** How many connections were opened to it. */
  readonly connectionCount: number
}

type Answer = (request: Received, response: ServerResponse) => void

/** Starts a service that reads each request to its end before it answers; `ok` by default. */
export const startService = async (
  t: Test,
  answer: Answer = (_, response) => void response.end('ok'),
): Promise<Service> => {
  const requests: Received[] = []
  const respond = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = '', url = '', rawHeaders, headers } = request
    const body = (await buffer(request)).toString('latin1')
    const received = { method, url, rawHeaders, headers, body }
    requests.push(received)
    answer(received, response)
  }
  const service = await startHttpService(
    t,
    (request, response) => void respond(request, response).catch(() => {}), // aborted on purpose
  )
  return Object.defineProperties({ requests } as Service, Object.getOwnPropertyDescriptors(service))
}

/** Starts a service that gets each request as it comes. */
export const startHttpService = async (
  t: Test,
  listener: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<Omit<Service, 'requests'>> => {
  let connectionCount = 0
  const server = createServer({ requestTimeout: 0 }, listener)
  server.maxHeadersCount = 0
  server.on('connection', () => connectionCount++)
  const port = await listenWhile(t, server)
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    get connectionCount() {
      return connectionCount
    },
  }
}

/** One connection to a raw service, and what came on it as latin1 text. */
export interface RawConnection {
  socket: Socket
  received: string
  isClosed: boolean
}

export interface RawService {
  url: string
  connections: RawConnection[]
}

/** Starts a service that answers bytes with bytes: `onData` is called after each arrival. */
export const startRawService = async (
  t: Test,
  onData: (connection: RawConnection) => void,
  tls?: TlsOptions,
): Promise<RawService> => {
  const connections: RawConnection[] = []
  const listener = (socket: Socket): void => {
    const connection: RawConnection = { socket, received: '', isClosed: false }
    connections.push(connection)
    socket.setEncoding('latin1')
    socket.on('error', () => {})
    socket.on('end', () => socket.end())
    socket.on('close', () => (connection.isClosed = true))
    socket.on('data', (chunk: string) => {
      connection.received += chunk
      onData(connection)
    })
  }
  const server = tls
    ? createTlsServer({ ...tls, allowHalfOpen: true }, listener).on('tlsClientError', () => {})
    : createTcpServer({ allowHalfOpen: true }, listener)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.close()
    for (const { socket } of connections) socket.destroy()
  })
  const { port } = server.address() as AddressInfo
  return { url: `http${tls ? 's' : ''}://127.0.0.1:${port}`, connections }
}

export const OK_EMPTY = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'
