import { Agent, type ClientRequest } from 'node:http'
import type { Duplex } from 'node:stream'

/**
 * Keeps connections to the service, the last one used first: it is the least likely to have been
 * closed by the other side. One on which bytes come while nothing is asked is not used again: they
 * would be read as the answer to the next request, another user's perhaps.
 */
export const createUpstreamAgent = (keepAliveMs: number): Agent =>
  new UpstreamAgent({ keepAlive: true, scheduling: 'lifo', timeout: keepAliveMs, noDelay: true })

class UpstreamAgent extends Agent {
  override keepSocketAlive(socket: Duplex): boolean {
    const isKept = super.keepSocketAlive(socket) as unknown as boolean // typed void, but it decides
    socket.on('data', destroyThis)
    return isKept
  }

  override reuseSocket(socket: Duplex, request: ClientRequest): void {
    socket.off('data', destroyThis)
    super.reuseSocket(socket, request)
  }
}

function destroyThis(this: Duplex): void {
  this.destroy()
}
