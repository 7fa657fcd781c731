import cluster from 'node:cluster'
import { createServer, STATUS_CODES, type Server } from 'node:http'
import { createServer as createSecureServer, type Server as SecureServer } from 'node:https'
import type { Socket } from 'node:net'
import type { SecureContextOptions } from 'node:tls'
import { ERRORS, type ErrorCode } from '../errors.js'
import type { Log } from '../log.js'
import type { Entrance } from './entrance.js'
import { PROBLEM_TYPE, problemBody } from './respond.js'
import type { Turns } from './turns.js'
import { createRequestClass } from './upgrade.js'
import type { UpgradeListener } from './upgrade-listener.js'

export interface ServerOptions {
  entrance: Entrance
  onUpgrade: UpgradeListener
  turns: Turns
  log: Log
  /** The size of a header section, in bytes. */
  limitHeaderBytes: number
  /** Connections at once; more are closed as they come. */
  limitConnections: number
  /** Whether a connection is taken; one that is not is closed. */
  admits: (socket: Socket) => boolean
  /** How long a header section may take to arrive, in milliseconds. */
  headersMs: number
  /** How long a connection may be idle between requests, in milliseconds. */
  keepAliveMs: number
  /** The certificate and its key, for HTTPS; `undefined` for plain HTTP. */
  tls: SecureContextOptions | undefined
}

/** An HTTP/1.1 server that parses strictly and bounds what a client can hold. Not yet listening. */
export const createStrictServer = (options: ServerOptions): Server | SecureServer => {
  const { entrance, turns, log } = options

  /** Answers on the bare socket, where there is no request, and closes it. */
  const refuse = (socket: Socket, code: ErrorCode, cause: string, fields = ''): void => {
    // Before a CONNECT node takes its own listener away, and a reset would end the process.
    socket.on('error', () => socket.destroy())
    const isFree = turns.owes(socket) === 'nothing' || turns.awaitsBody(socket)
    const canAnswer = isFree && socket.writable
    log({ event: 'connection_refused', status: canAnswer ? ERRORS[code].status : 0, cause })
    // It would be read as the answer to the request that is running, and must be one.
    if (canAnswer) socket.end(bareProblem(code, fields), () => socket.destroy())
    else turns.close(socket)
  }

  const settings = {
    IncomingMessage: createRequestClass((socket) => turns.owes(socket) === 'nothing'),
    insecureHTTPParser: false,
    maxHeaderSize: options.limitHeaderBytes,
    requireHostHeader: false, // the entrance looks closer
    headersTimeout: options.headersMs,
    requestTimeout: 0, // it would cut long uploads; each handler bounds its own body
    connectionsCheckingInterval: CHECK_INTERVAL_MS,
    keepAliveTimeout: options.keepAliveMs,
  }
  const server = options.tls
    ? createSecureServer({
        ...settings,
        ...options.tls,
        handshakeTimeout: options.headersMs,
        ALPNProtocols: ['http/1.1'],
      })
    : createServer(settings)
  // Past its maximum the parser would hide fields and still frame the body by them; the entrance
  // counts what it sees, so it must see everything.
  server.maxHeadersCount = 0
  // A worker of a cluster would hand what is beyond back to be handed out again, without end: there
  // whoever follows the connections closes them.
  server.maxConnections = cluster.isWorker ? Infinity : options.limitConnections
  admitFirst(server, options)
  server.on('request', entrance)
  server.on('checkContinue', (request, response) =>
    entrance(request, response, { awaitsContinue: true }),
  )
  server.on('upgrade', options.onUpgrade)
  // The entrance knows no other expectation than 100-continue, and refuses.
  server.on('checkExpectation', entrance)
  // On TCP or a Unix socket: what node calls a Duplex here is a Socket.
  server.on('connect', (_request, socket) =>
    refuse(socket as Socket, 'method_not_allowed', 'CONNECT', 'Allow:\r\n'),
  )
  server.on('clientError', (error: ParserError, duplex) => {
    const socket = duplex as Socket
    const { code = error.name } = error
    // A client that asked for the last answer and sends on is still owed that answer.
    if (code === 'HPE_CLOSED_CONNECTION' && turns.owes(socket) === 'answer') return
    if (code === 'ECONNRESET' || turns.isAnswered(socket)) {
      socket.destroy() // it went away, and was not refused; or what broke off had its answer
    } else if (isOfTls(code)) {
      log({ event: 'connection_refused', status: 0, cause: code })
      socket.destroy()
    } else refuse(socket, codeOf(error), code)
  })
  return server
}

const CHECK_INTERVAL_MS = 1_000

// Before node makes a parser for a connection, or shakes hands.
const admitFirst = (server: Server | SecureServer, { admits, log }: ServerOptions): void => {
  const listeners = server.listeners('connection') as Array<(socket: Socket) => void>
  server.removeAllListeners('connection')
  server.on('connection', (socket: Socket) => {
    if (admits(socket)) {
      for (const take of listeners) take.call(server, socket)
      return
    }
    log({ event: 'connection_refused', status: 0, cause: 'too_many_of_address' })
    socket.destroy()
  })
}

interface ParserError extends NodeJS.ErrnoException {
  /** The bytes that were being parsed. */
  rawPacket?: Buffer
}

// There is no one to whom an answer could be written.
const isOfTls = (code: string): boolean => /^(ERR_SSL_|ERR_TLS_|EPROTO)/.test(code)

const codeOf = ({ code, rawPacket }: ParserError): ErrorCode => {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return 'request_timeout'
  if (code === 'HPE_HEADER_OVERFLOW') return 'headers_too_large'
  // The parser carries the methods of `http.METHODS`; another well-formed one is merely unknown.
  const isRequestLine = code === 'HPE_INVALID_METHOD' && REQUEST_LINE.test(String(rawPacket))
  return isRequestLine ? 'unknown_method' : 'malformed_message'
}

const REQUEST_LINE = /^[\w!#$%&'*+.^`|~-]+ [\x21-\x7e]+ HTTP\/1\.[01]\r\n/

const bareProblem = (code: ErrorCode, fields: string): string => {
  const body = problemBody(code)
  const { status } = ERRORS[code]
  return [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    `${fields}Content-Type: ${PROBLEM_TYPE}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Cache-Control: no-store',
    'Connection: close',
    '',
    body,
  ].join('\r\n')
}
