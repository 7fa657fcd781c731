import type { ServerResponse } from 'node:http'
import type { Clock } from '../clock.js'
import type { Exchange } from '../http/exchange.js'
import { sendJson, sendProblem } from '../http/respond.js'
import type { Handler, Route } from '../http/router.js'
import type { LogEvent } from '../log.js'
import type { Guard } from './guard.js'
import type { Fellows } from './fellows.js'
import { createHistory } from './history.js'
import { createSampling, type SampleSource } from './sample.js'
import { createSnapshots, type Snapshot } from './snapshot.js'
import { parseStatusQuery } from './status-query.js'

export interface StatusOptions {
  source: SampleSource
  version: string
  clock: Clock
  guard: Guard
  /** With whom it is one; `undefined` where it is alone. */
  fellows: Fellows | undefined
}

/** How the gateway is, second by second. */
export interface Status {
  readonly routes: readonly Route[]
  /** Counts what the log is told. */
  readonly take: (event: LogEvent) => void
  start(): void
  /** Ends the streams, and takes no snapshot any more. */
  stop(): void
}

/**
 * `GET /v1/status`: the snapshots of the last five minutes, or of so many seconds as `last` says; the
 * newest refusals are in the last alone. `GET /v1/status/events`: one each second as server-sent events
 * (HTML Standard Section 9.2). Not yet started.
 */
export const createStatus = (options: StatusOptions): Status => {
  const { version, clock, guard, fellows } = options
  const sampling = createSampling(options.source)
  const snapshots = createSnapshots()
  const history = createHistory()
  const followers = new Set<ServerResponse>()
  const startedAt = Math.floor(clock.now() / 1_000)
  let isStopped = false

  const run = async (): Promise<void> => {
    let lastMs = clock.monotonic()
    for (;;) {
      await clock.sleep(EVERY_MS)
      if (isStopped) return
      const nowMs = clock.monotonic()
      const seconds = (nowMs - lastMs) / 1_000
      lastMs = nowMs
      const sample = sampling.next(seconds)
      if (fellows) fellows.sample(sample)
      else {
        const snapshot = snapshots.next(clock.now(), seconds, [sample])
        history.add(snapshot)
        tell(snapshot)
      }
    }
  }

  const tell = (snapshot: Snapshot): void => {
    if (followers.size === 0) return
    const text = `event: snapshot\ndata: ${JSON.stringify(snapshot)}\n\n`
    for (const response of followers)
      // Who does not read what was written before gets no more.
      if (response.writableLength > LIMIT_UNREAD_BYTES) response.destroy()
      else response.write(text)
  }
  fellows?.follow(tell)

  const show: Handler = async (exchange) => {
    const last = parseStatusQuery(exchange.query)
    if (!last.ok) return sendProblem(exchange, 'invalid_request', last)
    const known = (await fellows?.status()) ?? { startedAt, history: history.all }
    sendJson(exchange, 200, {
      started_at: known.startedAt,
      version,
      history: known.history.slice(-last.value),
    })
  }

  const follow: Handler = (exchange) => {
    const { response, request, requestId }: Exchange = exchange
    response.writeHead(200, {
      'Content-Type': 'text/event-stream',
      'Cache-Control': 'no-store',
      'X-Content-Type-Options': 'nosniff',
      'X-Request-Id': requestId,
    })
    if (request.method === 'HEAD' || isStopped) return void response.end()
    response.flushHeaders()
    followers.add(response)
    response.once('close', () => followers.delete(response))
  }

  return {
    routes: [
      { pattern: '/v1/status', methods: { GET: guard(show) } },
      { pattern: '/v1/status/events', methods: { GET: guard(follow) } },
    ],
    take: (event) => {
      if (event.event === 'request') sampling.take(event, clock.now())
    },
    start: () => void run(),
    stop: () => {
      isStopped = true
      for (const response of followers) response.end()
    },
  }
}

const EVERY_MS = 1_000
const LIMIT_UNREAD_BYTES = 1_048_576
