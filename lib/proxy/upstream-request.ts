import {
  request,
  type Agent,
  type ClientRequest,
  type IncomingMessage,
  type InformationEvent,
} from 'node:http'
import type { Socket } from 'node:net'
import type { Exchange } from '../http/exchange.js'
import { outboundHeaders, type Identity } from './outbound-headers.js'
import type { Upstream } from './upstream.js'

export interface UpstreamRequestOptions {
  upstream: Upstream
  /** `false` for a fresh connection that is not kept. */
  agent: Agent | false
  /** The path and query at the service behind. */
  path: string
  identity: Identity
  /** Whether the service behind may see `Authorization`. */
  passAuthorization: boolean
}

/** What becomes of a request; after `failed` nothing else comes. */
export interface UpstreamEvents {
  connected(): void
  /** The service asks for the body (RFC 9110 Section 10.1.1). */
  continued(): void
  /** An answer that is not yet the answer (RFC 9110 Section 15.2). */
  informed(information: InformationEvent): void
  answered(response: IncomingMessage): void
  /** `cause` is safe to log. */
  failed(cause: string): void
}

export interface UpstreamRequest {
  readonly outbound: ClientRequest
  /** Whether it went out on a kept connection, and not a byte of an answer came. */
  isUnanswered(): boolean
}

/** Opens the request to the service behind, in the name of the client's; its body is yet to come. */
export const openRequest = (
  exchange: Exchange,
  { upstream, agent, path, identity, passAuthorization }: UpstreamRequestOptions,
  events: UpstreamEvents,
): UpstreamRequest => {
  const { authority } = upstream
  const outbound = request({
    agent,
    hostname: upstream.hostname,
    port: upstream.port,
    method: exchange.request.method,
    path,
    headers: outboundHeaders(exchange, { authority, identity, passAuthorization }),
    setHost: false,
  })
  // Fields that the parser hides would still frame the body.
  outbound.maxHeadersCount = 0
  let bytesReadBefore = 0
  outbound
    .once('socket', (socket: Socket) => {
      bytesReadBefore = socket.bytesRead
      if (socket.connecting) socket.once('connect', () => events.connected())
      else events.connected()
    })
    .on('continue', () => events.continued())
    .on('information', (information) => events.informed(information))
    .once('response', (response) => {
      response.on('error', (error) => events.failed(causeOf(error)))
      events.answered(response)
    })
    .on('error', (error) => events.failed(causeOf(error)))
    // Nothing asked for an upgrade, and without a listener an unexpected one would hang.
    .once('upgrade', (_response, socket) => {
      socket.destroy()
      events.failed('unexpected_upgrade')
    })
  return {
    outbound,
    isUnanswered: () => outbound.reusedSocket && outbound.socket?.bytesRead === bytesReadBefore,
  }
}

const causeOf = (error: NodeJS.ErrnoException): string => String(error.code)
