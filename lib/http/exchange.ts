import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Clock } from '../clock.js'
import type { Log, LogEvent } from '../log.js'
import type { Client, ClientResolver } from './client-address.js'
import type { Deadlines } from './deadlines.js'
import type { Departures } from './departures.js'
import type { Framing } from './framing.js'
import { valuesOf } from './headers.js'
import type { BeginTrace, Trace } from './trace.js'
import type { Upgrade } from './upgrade.js'

/** What every exchange of one gateway shares. */
export interface Surroundings {
  clock: Clock
  log: Log
  deadlines: Deadlines
  departures: Departures
  resolveClient: ClientResolver
  beginTrace: BeginTrace
  /** The canonical form of the name of a field. */
  canonicalOf: (name: string) => string
  newRequestId: () => string
  /** How long a finished answer may be stuck in a connection before that is cut, in milliseconds. */
  flushMs: number
  /** Whether connections are not kept: the gateway is closing, or it is overloaded. */
  isDraining: () => boolean
}

/** One request, its answer, and what is known of both. */
export interface Exchange extends Omit<Surroundings, 'newRequestId'> {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly requestId: string
  readonly client: Client
  readonly trace: Trace
  /** Begins with `/`; not decoded. Empty as long as the request is not checked. */
  path: string
  /** Empty, or begins with `?`. */
  query: string
  /** How the body is framed; `unchecked` as long as that is not known. */
  framing: Framing | { kind: 'unchecked' }
  /** The client waits for `100 Continue` before it sends the body (RFC 9110 Section 10.1.1). */
  awaitsContinue: boolean
  /** The client wants to use the connection for another protocol. */
  readonly upgrade: Upgrade | undefined
  /** How the connection ended when it was used for another protocol: cut, or as it should. */
  wasTunnelCut?: boolean
  /** Every byte of the answer was written, though it may not be ended yet. */
  isWhole: boolean
  /** The pattern that matched, for the log; `-` when none did. */
  route: string
  userId?: string
  /** Why the request was refused, for the log. */
  reason?: string
}

/** The turn of a request among those of its connection. */
export interface Turn {
  /** Whether it is the last that the connection may have, behind whose answer nothing is run. */
  readonly isLast: boolean
  /** Must be called once, when the response is closed: the next one runs then. */
  readonly leave: () => void
}

/** How a request came. */
export interface Arrival {
  /** Default false. */
  awaitsContinue?: boolean
  /** Its connection was taken from the parser, with the wish for another protocol. */
  upgrade?: Upgrade
}

/**
 * Opens the exchange, and logs it once when its response is closed, which ends its turn. Of one that is the
 * last of its connection it is known from the start that this is not kept.
 */
export const createExchange = (
  surroundings: Surroundings,
  request: IncomingMessage,
  response: ServerResponse,
  { awaitsContinue = false, upgrade }: Arrival,
  { isLast, leave }: Turn,
): Exchange => {
  const { clock, log, deadlines, departures, resolveClient, beginTrace, canonicalOf } = surroundings
  const { newRequestId, flushMs, isDraining } = surroundings
  const startMs = clock.monotonic()
  const client = resolveClient(request)
  const trace = beginTrace(request, client)
  // Each field by its name: V8 lets objects made by a spread outlive their use, and all they hold.
  const exchange: Exchange = {
    clock,
    log,
    deadlines,
    departures,
    resolveClient,
    beginTrace,
    canonicalOf,
    flushMs,
    isDraining: isLast ? isTrue : isDraining,
    request,
    response,
    requestId: inheritedRequestId(request, client) ?? newRequestId(),
    client,
    trace,
    path: '',
    query: '',
    framing: { kind: 'unchecked' },
    awaitsContinue,
    upgrade: upgrade?.protocols ? upgrade : undefined,
    isWhole: false,
    route: '-',
  }
  // Where it is not taken as an upgrade, node drops a part of what comes behind such a request: the
  // rest must not be read as a request.
  if (request.headers.upgrade !== undefined) response.shouldKeepAlive = false
  // node would send one that says `TE: chunked` a coding that HTTP/1.0 does not have (RFC 9112 Section 6.1).
  if (request.httpVersionMinor === 0) response.useChunkedEncodingByDefault = false
  // What is written behind its end. Of a client that goes away the request tells only whoever listens.
  response.on('error', ignore)
  // Neither comes twice, and `once` would cost twice as much.
  response.on('prefinish', () => cutWhenStuck(exchange))
  response.on('close', () => {
    leave()
    const event: LogEvent = {
      event: 'request',
      requestId: exchange.requestId,
      method: request.method as string, // set on every server-side request
      route: exchange.route,
      status: response.headersSent ? response.statusCode : 0,
      durationMs: Math.round((clock.monotonic() - startMs) * 1000) / 1000,
      aborted: exchange.wasTunnelCut ?? !response.writableFinished,
    }
    if (exchange.userId !== undefined) event.userId = exchange.userId
    if (exchange.reason !== undefined) event.reason = exchange.reason
    if (trace.traceId !== undefined) event.traceId = trace.traceId
    if (trace.spanId !== undefined) event.spanId = trace.spanId
    log(event)
    trace.ended(event)
    // What came behind, and nobody wanted, would be kept as long as the connection is idle.
    if (request.complete && request.readableLength > 0) request.resume()
  })
  return exchange
}

/** Is aborted as soon as nobody waits for the answer any more. */
export const goneSignal = ({ response }: Exchange): AbortSignal => {
  const controller = new AbortController()
  const abort = (): void => controller.abort()
  if (response.destroyed) abort()
  else response.once('close', abort)
  return controller.signal
}

const ignore = (): void => {}
const isTrue = (): boolean => true

// A client that does not read would otherwise hold its connection for ever.
const cutWhenStuck = ({ response, deadlines, flushMs }: Exchange): void => {
  if (response.socket?.writableLength === 0) return // the system took it all
  let leftBytes = Infinity
  const check = (): void => {
    const { socket } = response
    if (!socket || socket.destroyed) return
    if (socket.writableLength >= leftBytes) return void socket.destroy()
    leftBytes = socket.writableLength
    deadline = deadlines.start(flushMs, check)
  }
  let deadline = deadlines.start(flushMs, check)
  response.once('close', () => deadline.clear())
}

const inheritedRequestId = (request: IncomingMessage, client: Client): string | undefined => {
  if (!client.isTrustedPeer) return undefined
  const ids = valuesOf(request.rawHeaders, 'x-request-id')
  return ids.length === 1 && /^[\w.:-]{1,128}$/.test(ids[0] as string) ? ids[0] : undefined
}
