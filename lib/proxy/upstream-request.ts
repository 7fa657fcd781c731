import { ClientRequest, type IncomingMessage, type InformationEvent } from 'node:http'
import type { Socket } from 'node:net'
import type { Target } from './target.js'

export interface UpstreamRequestOptions {
  target: Target
  /** Whether it goes out on a connection of its own, not on a kept one. */
  isFresh: boolean
  method: string
  /** The path and query, as the target receives them. */
  path: string
  /** Names and values in turn. */
  headers: string[]
}

/** What becomes of a request; after `failed` nothing else comes. */
export interface UpstreamEvents {
  connected(): void
  /** The service asks for the body (RFC 9110 Section 10.1.1). */
  continued(): void
  /** An answer that is not yet the answer (RFC 9110 Section 15.2). */
  informed(information: InformationEvent): void
  answered(response: IncomingMessage): void
  /** The service has switched protocols; `head` came behind its answer. */
  upgraded(response: IncomingMessage, socket: Socket, head: Buffer): void
  /** `cause` is safe to log. */
  failed(cause: string): void
}

export interface UpstreamRequest {
  readonly outbound: ClientRequest
  /** Whether not a byte of an answer came. */
  isUnanswered(): boolean
  /** Whether it went out on a kept connection, which may have died unseen. */
  wasKept(): boolean
  /** Destroys it; no event comes any more. */
  abandon(): void
}

/** Opens a request to a target; its body is yet to come. */
export const openRequest = (
  { target, isFresh, method, path, headers }: UpstreamRequestOptions,
  events: UpstreamEvents,
): UpstreamRequest => {
  const outbound = new LatinRequest({
    agent: isFresh ? target.freshAgent : target.agent,
    protocol: target.protocol,
    method,
    path,
    headers,
    setHost: false,
  })
  // Fields that the parser hides would still frame the body.
  outbound.maxHeadersCount = 0
  let bytesReadBefore = 0
  let isAbandoned = false
  let wasKept = false
  const fail = (error: NodeJS.ErrnoException): void => {
    if (!isAbandoned) events.failed(String(error.code))
  }
  outbound
    .once('socket', (socket: Socket) => {
      bytesReadBefore = socket.bytesRead
      // node's own word, `reusedSocket`, is missing where its agent hands a connection straight on.
      wasKept = !socket.connecting
      // A TLS connection is one when the certificate was found good, not before.
      if (socket.connecting)
        socket.once(target.protocol === 'https:' ? 'secureConnect' : 'connect', () =>
          events.connected(),
        )
      else events.connected()
    })
    .on('continue', () => events.continued())
    .on('information', (information) => events.informed(information))
    .once('response', (response) => {
      response.on('error', fail)
      events.answered(response)
    })
    .on('error', fail)
    // Without a listener an upgrade that nobody asked for would hang.
    .once('upgrade', (response, socket, head) => events.upgraded(response, socket as Socket, head))
  return {
    outbound,
    isUnanswered: () => outbound.socket?.bytesRead === bytesReadBefore,
    wasKept: () => wasKept,
    abandon: () => {
      isAbandoned = true
      outbound.destroy()
    },
  }
}

/**
 * A request whose header section is sent byte for byte: with `Expect` node sends it before anything can
 * be called, and would take its text for UTF-8. The method is node's own.
 */
class LatinRequest extends ClientRequest {
  _send(...[data, encoding = 'latin1', ...more]: Parameters<Sender['_send']>): boolean {
    return send.call(this, data, encoding, ...more)
  }
}

interface Sender {
  _send(data: unknown, encoding?: string | null, callback?: unknown, bytes?: number): boolean
}

const send = (ClientRequest.prototype as unknown as Sender)['_send']
