import { Agent, type AgentOptions, type ClientRequest } from 'node:http'
import { Agent as SecureAgent } from 'node:https'
import type { LookupFunction } from 'node:net'
import type { Duplex } from 'node:stream'
import type { SecureContextOptions } from 'node:tls'
import type { TargetAddress } from './target-url.js'

/** How TLS is spoken to a target. */
export interface TargetTls extends Pick<SecureContextOptions, 'ca' | 'cert' | 'key'> {
  /** The name that the certificate must have, and that is sent as SNI. */
  servername?: string
}

export interface UpstreamAgentOptions {
  address: TargetAddress
  /** How long an idle connection is kept, in milliseconds; 0 keeps none. */
  keepAliveMs: number
  /** Connections at once. */
  limitConnections: number
  lookup: LookupFunction
  tls: TargetTls
}

/**
 * Keeps connections to a target, the last one used first: it is the least likely to have been
 * closed by the other side. One on which bytes come while nothing is asked is not used again: they
 * would be read as the answer to the next request, another user's perhaps.
 */
export const createUpstreamAgent = (options: UpstreamAgentOptions): Agent => {
  const { address, keepAliveMs, limitConnections, lookup, tls } = options
  const agentOptions: AgentOptions = {
    ...address.connect,
    lookup,
    noDelay: true,
    maxTotalSockets: limitConnections,
    ...(keepAliveMs > 0 && { keepAlive: true, scheduling: 'lifo', timeout: keepAliveMs }),
  }
  const agent =
    address.protocol === 'https:'
      ? new SecureAgent({ ...agentOptions, ...tls, rejectUnauthorized: true })
      : new Agent(agentOptions)
  return keepAliveMs > 0 ? watchIdle(agent) : agent
}

const watchIdle = (agent: Agent): Agent => {
  const keep = agent.keepSocketAlive.bind(agent)
  const reuse = agent.reuseSocket.bind(agent)
  return Object.assign(agent, {
    keepSocketAlive: (socket: Duplex): boolean => {
      const isKept = keep(socket) as unknown as boolean // typed void, but it decides
      socket.on('data', destroyThis)
      return isKept
    },
    reuseSocket: (socket: Duplex, request: ClientRequest): void => {
      socket.off('data', destroyThis)
      reuse(socket, request)
    },
  })
}

function destroyThis(this: Duplex): void {
  this.destroy()
}
