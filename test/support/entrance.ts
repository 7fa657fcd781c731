import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'
import type { Clock } from '../../lib/clock.js'
import { createDeadlines } from '../../lib/http/deadlines.js'
import { Departures } from '../../lib/http/departures.js'
import { createEntrance } from '../../lib/http/entrance.js'
import type { Surroundings } from '../../lib/http/exchange.js'
import { canonicalName } from '../../lib/http/headers.js'
import { createUuids } from '../../lib/http/random-ids.js'
import { GatheringMessage } from '../../lib/http/request-body.js'
import { createRouter, type Handler, type Route } from '../../lib/http/router.js'
import { createTurns } from '../../lib/http/turns.js'
import type { LogEvent } from '../../lib/log.js'
import { createTracing } from '../../lib/tracing/tracing.js'
import { createManualClock } from './manual-clock.js'

export const surroundingsOf = (clock: Clock, events: LogEvent[]): Surroundings => ({
  clock,
  log: (event) => void events.push(event),
  deadlines: createDeadlines(clock),
  departures: new Departures(),
  resolveClient: () => ({ address: '', peer: '', isTrustedPeer: false, proto: 'http', host: 'a' }),
  beginTrace: createTracing({ start: true, sampledPercent: 100 }, undefined, () => {}),
  canonicalOf: canonicalName,
  newRequestId: createUuids(),
  flushMs: 1_000,
  isDraining: () => false,
})

/** A server in which every request goes through an entrance to one handler, or to that of its route. */
export const serve = async (
  t: Pick<Test, 'teardown'>,
  routes: Handler | readonly Route[],
): Promise<{ port: number; events: LogEvent[] }> => {
  const events: LogEvent[] = []
  const surroundings = surroundingsOf(createManualClock(), events)
  const { departures } = surroundings
  const entrance = createEntrance({
    surroundings,
    turns: createTurns({ limitWaiting: 10, limitRequests: Infinity, departures }),
    router: createRouter(
      typeof routes === 'function' ? [{ pattern: '/*', methods: routes }] : routes,
    ),
    admission: undefined,
    limits: { limitHeaders: 100, limitTargetBytes: 8_192 },
  })
  const server = createServer({ IncomingMessage: GatheringMessage }, (request, response) =>
    entrance(request, response),
  )
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.close()
    server.closeAllConnections()
  })
  return { port: (server.address() as AddressInfo).port, events }
}
