import { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { parseFraming } from './framing.js'
import { createGathered } from './gathered.js'
import { GatheringMessage } from './request-body.js'
import { valuesOf } from './headers.js'

/** A connection that its client wants to use for another protocol (RFC 9110 Section 7.8). */
export interface Upgrade {
  /** The protocols that the client offers, as in `Upgrade`. */
  readonly protocols: string
  readonly socket: Socket
  /** Gives what the client has sent behind its request; from then on the caller reads the socket. */
  takeOver(): Buffer
}

/**
 * The protocols that a request offers to switch to; empty where there are none, and where only
 * HTTP/1.0 is spoken, of which the field is ignored (RFC 9110 Section 7.8). Without `h2c`: HTTP/2
 * behind a gateway that reads HTTP/1.1 would pass unseen.
 */
const offeredProtocols = (request: IncomingMessage): string => {
  if (request.httpVersionMinor === 0) return ''
  return valuesOf(request.rawHeaders, 'upgrade')
    .flatMap((value) => value.split(','))
    .map((protocol) => protocol.trim())
    .filter((protocol) => protocol !== '' && !/^h2c?(\/|$)/i.test(protocol))
    .join(', ')
}

/**
 * Whether a request is to be taken as an upgrade. One with a body and one that offers nothing is read
 * as a plain request: a server may ignore the field (RFC 9110 Section 7.8).
 */
const isUpgrade = (request: IncomingMessage): boolean => {
  const framing = parseFraming(request)
  return typeof framing === 'object' && framing.kind === 'none' && offeredProtocols(request) !== ''
}

/**
 * The class of the requests of a server that looks at each `Upgrade`. node takes every such request
 * for one once a listener is there, and reads no body of it; its parser asks the field `upgrade`.
 * `isFree` tells whether all earlier requests of the connection are answered.
 */
export const createRequestClass = (isFree: (socket: Socket) => boolean): typeof IncomingMessage => {
  class Request extends GatheringMessage {
    isOffered = false

    get upgrade(): boolean {
      if (!this.isOffered) return false
      return this.method === 'CONNECT' || (isFree(this.socket) && isUpgrade(this))
    }

    set upgrade(isOffered: boolean | null) {
      this.isOffered = isOffered === true
    }
  }
  return Request
}

/** Takes over the socket of an upgrade, and reads on so that a client that leaves is noticed. */
export const acceptUpgrade = (request: IncomingMessage, socket: Socket, head: Buffer): Upgrade => {
  const early = createGathered()
  const collect = (chunk: Buffer): void => {
    early.add(chunk)
    if (early.bytes > EARLY_BYTES) socket.pause()
  }
  collect(head)
  const leave = (): void => void socket.destroy()
  // node has taken its own listener away, and an error would end the process.
  socket.on('error', leave)
  socket.on('data', collect).once('end', leave)
  return {
    protocols: offeredProtocols(request),
    socket,
    takeOver: () => {
      socket.off('data', collect).off('end', leave)
      socket.pause()
      return early.content()
    },
  }
}

const EARLY_BYTES = 65_536
