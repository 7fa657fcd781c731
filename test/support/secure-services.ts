import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type ServerOptions } from 'node:https'
import type { TLSSocket } from 'node:tls'
import type { Test } from 'tap'
import { certificate } from './certificates.js'
import { listenWhile } from './listening.js'

type Listener = (request: IncomingMessage, response: ServerResponse) => void

/** Starts a service behind TLS, with the certificate of this name; gives what it saw of connections. */
export const startSecure = async (
  t: Test,
  name: string,
  options: ServerOptions = {},
  listener: Listener = (_, response) => void response.end('ok'),
) => {
  const server = createServer({ ...certificate(name), ...options }, listener)
  const seen = {
    connections: 0,
    serverNames: [] as unknown[],
    resumed: [] as boolean[],
    requests: 0,
  }
  server.on('secureConnection', (socket) => {
    seen.connections++
    seen.resumed.push(socket.isSessionReused())
    seen.serverNames.push((socket as TLSSocket & { servername?: unknown }).servername)
  })
  server.on('request', () => seen.requests++)
  server.on('tlsClientError', () => {})
  const port = await listenWhile(t, server)
  return {
    server,
    seen,
    port,
    url: `https://127.0.0.1:${port}`,
    named: `https://localhost:${port}`,
  }
}
