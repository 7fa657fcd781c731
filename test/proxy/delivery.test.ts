import t from 'tap'
import type { Exchange } from '../../lib/http/exchange.js'
import { Departures } from '../../lib/http/departures.js'
import { createForward } from '../../lib/proxy/forward.js'
import { createReplayMemory } from '../../lib/proxy/kept-body.js'
import { PieceBuffers } from '../../lib/proxy/piece-buffers.js'
import { createRoutePlaces } from '../../lib/proxy/route-places.js'
import { createSlots } from '../../lib/proxy/slots.js'
import type { Target } from '../../lib/proxy/target.js'
import { createTunnels } from '../../lib/proxy/tunnels.js'
import { serve } from '../support/entrance.js'

const unasked = (): never => {
  throw new Error('no connection is needed')
}

t.test(
  'a request that would be read as two is not sent, and a failure like any other',
  async (t) => {
    const slots = createSlots(1, 1)
    const rated: boolean[] = []
    const target: Target = {
      name: 'http://a',
      connect: { host: 'a', port: 80 },
      authority: 'a',
      basePath: '',
      weight: 1,
      inFlight: 0,
      pool: {
        departures: new Departures(),
        take: unasked,
        open: unasked,
        keep: unasked,
        close: unasked,
      },
      slots,
      record: {
        isOut: () => false,
        begin: () => false,
        abandonTrial: () => {},
        isEjected: () => false,
        didWell: () => true,
        succeeded: () => rated.push(true),
        failed: () => rated.push(false),
      },
      tally: { sent: () => {}, answered: () => {}, failed: () => {} },
      isDown: false,
    }
    const places = createRoutePlaces({
      limitRequests: 1,
      limitUserRequests: 1,
      limitUserWaiting: 0,
    })
    const forward = createForward({
      upstream: {
        choose: () => target,
        targets: [target],
        retryBudget: { earn: () => {}, spend: () => false },
        close: () => {},
      },
      places,
      tunnels: createTunnels(1),
      replayMemory: createReplayMemory(0, 0),
      buffers: new PieceBuffers(),
      timeouts: {
        connectMs: 1,
        responseHeadersMs: 1,
        idleBodyMs: 1,
        blockedBodyMs: 1,
        idleTunnelMs: 1,
        targetQueueMs: 1,
      },
      limitBodyBytes: Infinity,
      leastBytesPerSecond: 0,
      limitRetries: 1,
      passAuthorization: false,
      via: '1.1 a',
      onForged: () => {},
      refuse: () => {},
    })
    const identity = {
      user: 'ada',
      passport: 'a\r\nX-Passport: b',
      segment: '',
      signature: undefined,
      signer: undefined,
      token: undefined,
      offeredProtocols: undefined,
      confirmedProtocol: undefined,
    }
    const { port, events } = await serve(t, (exchange: Exchange) =>
      forward(exchange, '/', identity),
    )
    for (let i = 0; i < 2; i++) {
      const response = await fetch(`http://127.0.0.1:${port}/`)
      t.equal(response.status, 502)
    }
    t.match(events[0], { event: 'upstream_failed', cause: 'invalid_request', target: 'http://a' })
    t.same([slots.taken, places.userCount], [0, 0], 'its places are given back')
    t.same(rated, [false, false])
  },
)
