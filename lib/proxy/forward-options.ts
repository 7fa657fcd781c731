import type { Exchange } from '../http/exchange.js'
import type { ReplayMemory } from './kept-body.js'
import type { OutboundRules } from './outbound-headers.js'
import type { PieceBuffers } from './piece-buffers.js'
import type { RoutePlaces } from './route-places.js'
import type { TokenEnd } from './token-watch.js'
import type { Tunnels } from './tunnels.js'
import type { Upstream } from './upstream.js'

export interface ForwardOptions extends OutboundRules {
  upstream: Upstream
  places: RoutePlaces
  tunnels: Tunnels
  replayMemory: ReplayMemory
  buffers: PieceBuffers
  timeouts: ForwardTimeouts
  /** The largest request body, in bytes. */
  limitBodyBytes: number
  /** How fast a client must send or take a body, in bytes a second; 0 lets it take its time. */
  leastBytesPerSecond: number
  /** How many more targets a request may be sent to. */
  limitRetries: number
  /** Answers a request whose token ended before its turn came. */
  refuse: (exchange: Exchange, end: TokenEnd) => void
}

interface ForwardTimeouts {
  /** How long connecting may take, in milliseconds. */
  connectMs: number
  /** How long the response headers may take once the request is sent, in milliseconds. */
  responseHeadersMs: number
  /** How long a body may stand still, in milliseconds; a slow but steady one is never cut. */
  idleBodyMs: number
  /** How long a body may wait for a reader that takes none of it, in milliseconds. */
  blockedBodyMs: number
  /** How long no byte may move after an upgrade, in milliseconds. */
  idleTunnelMs: number
  /** How long a request may wait for its turn, in milliseconds: of its user, and again at a target. */
  targetQueueMs: number
}
