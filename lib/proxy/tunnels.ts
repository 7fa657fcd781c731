import type { Socket } from 'node:net'
import type { Exchange } from '../http/exchange.js'
import { flushHead } from '../http/flush-head.js'
import { valuesOf } from '../http/headers.js'
import type { Upgrade } from '../http/upgrade.js'
import { tryWriteHead } from '../http/respond.js'
import { responseHeaders } from './response-headers.js'
import { TOKEN_ENDS, type TokenWatch } from './token-watch.js'
import { openTunnel, type Tunnel } from './tunnel.js'
import type { UpstreamAnswer } from './upstream-answer.js'

interface TunnelEnds {
  /** The service's 101, which has not been relayed yet. */
  answer: UpstreamAnswer
  upstream: Socket
  /** What came behind that answer. */
  head: Buffer
  segment: string
  /** The token of the client; `undefined` when there is none. */
  token: TokenWatch | undefined
  /** The subprotocol to confirm to the client where the service names none. */
  confirmedProtocol: string | undefined
  /** How long no byte may move, in milliseconds. */
  idleMs: number
}

/** The connections of a gateway that speak another protocol now. */
export interface Tunnels {
  /** How many are open. */
  readonly size: number
  /** Takes one of the places, until the response is closed; `false` where none is left. */
  reserve(exchange: Exchange): boolean
  /** Relays the 101 and joins both sides; gives why when it cannot. */
  open(exchange: Exchange, ends: TunnelEnds): string | undefined
  /** Ends them all, and those still to come; a WebSocket with `code` and `reason`. */
  leaveAll(code: number, reason: string): void
}

export const createTunnels = (limit: number): Tunnels => {
  const tunnels = new Set<Tunnel>()
  let goodbye: [code: number, reason: string] | undefined
  let reserved = 0

  const join = (exchange: Exchange, upgrade: Upgrade, ends: TunnelEnds): undefined => {
    flushHead(exchange.response)
    const { upstream, head, answer, token, idleMs } = ends
    const client = upgrade.socket
    const early = upgrade.takeOver()
    exchange.wasTunnelCut = false
    if (head.length > 0) upstream.unshift(head)
    if (early.length > 0) client.unshift(early)
    const tunnel = openTunnel({
      client,
      upstream,
      isWebSocket: /^websocket$/i.test(protocolOf(answer)),
      deadlines: exchange.deadlines,
      idleMs,
      onCut: () => (exchange.wasTunnelCut = true),
      onClosed: () => {
        stopWatch?.()
        tunnels.delete(tunnel)
      },
    })
    tunnels.add(tunnel)
    const stopWatch = token?.watch((end) => {
      const { farewell, reason } = TOKEN_ENDS[end]
      exchange.reason = reason
      tunnel.leave(POLICY_VIOLATION, farewell)
    })
    if (goodbye) tunnel.leave(...goodbye)
  }

  return {
    get size() {
      return tunnels.size
    },
    reserve: ({ response }) => {
      if (reserved >= limit) return false
      reserved++
      response.once('close', () => reserved--)
      return true
    },
    open: (exchange, ends) => {
      const { upgrade } = exchange
      const protocol = protocolOf(ends.answer)
      if (!upgrade || !isOffered(upgrade.protocols, protocol)) return 'unexpected_upgrade'
      const { segment, answer, confirmedProtocol } = ends
      const headers = responseHeaders(exchange, answer.rawHeaders, { status: 101, segment })
      headers.push('Connection', 'Upgrade', 'Upgrade', protocol)
      if (confirmedProtocol !== undefined && valuesOf(headers, SUBPROTOCOL).length === 0)
        headers.push('Sec-WebSocket-Protocol', confirmedProtocol)
      return (
        tryWriteHead(exchange, 101, 'Switching Protocols', headers) ?? join(exchange, upgrade, ends)
      )
    },
    leaveAll: (code, reason) => {
      goodbye = [code, reason]
      for (const tunnel of tunnels) tunnel.leave(code, reason)
    },
  }
}

/** The close codes of RFC 6455 Section 7.4.1 that the gateway uses. */
export const GOING_AWAY = 1001
const POLICY_VIOLATION = 1008

const SUBPROTOCOL = 'sec-websocket-protocol'

const protocolOf = ({ rawHeaders }: UpstreamAnswer): string =>
  valuesOf(rawHeaders, 'upgrade').join(', ')

// A server switches only to what it was offered (RFC 9110 Section 7.8).
const isOffered = (offered: string, protocol: string): boolean =>
  offered.toLowerCase().split(', ').includes(protocol.toLowerCase())
