// An admin listener whose figures are a test's own, behind the real page.
import { json } from 'node:stream/consumers'
import type { ServerResponse } from 'node:http'
import type { Test } from 'tap'
import { createPage } from '../../lib/admin/page.js'
import type { Inspection, Snapshot } from '../../lib/admin/page/contract.js'
import type { Exchange } from '../../lib/http/exchange.js'
import { send, sendProblem } from '../../lib/http/respond.js'
import type { Handler, Route } from '../../lib/http/router.js'
import { serve } from './entrance.js'

export interface FakeAdmin {
  origin: string
  /** Answers with what is told here; without it, refuses every token as malformed. */
  inspect: (token: string) => Inspection
  /** The tokens that it was asked about. */
  inspected: string[]
  /** Shows a snapshot to every page that listens, and keeps it. A second passes with each. */
  push: (changes?: Partial<Snapshot>) => void
  history: Snapshot[]
  /** The token that it wants; `undefined` wants none. */
  token: string | undefined
  /** How many wrong tokens are 401; then it is 429. */
  attemptsAllowed: number
  /** How many pages listen. */
  readonly listeners: number
  /** Ends what every page listens to; while `isAway` it takes none. */
  cut: () => void
  isAway: boolean
}

export const START_MS = 1_900_000_000_000

const quietSnapshot = (at: number): Snapshot => ({
  at,
  ready: { status: 'ready', checks: [{ name: 'store', ready: true }] },
  requests: {
    per_second: 12.5,
    p50_ms: 1.2,
    p95_ms: 3.4,
    p99_ms: 9.9,
    by_status: { '2xx': 10, '4xx': 2.5, '5xx': 0 },
  },
  refusals: [],
  targets: [],
  open: { connections: 10, requests: 4, streams: 2 },
  hash_queue: { waiting: 0, running: 0 },
  memory: { rss_bytes: 70_000_000, heap_bytes: 20_000_000 },
  loop_delay_ms: 1.2,
  cpu_share: 0.13,
  overload: 'none',
  newest_refusals: [],
})

export const startFakeAdmin = async (t: Pick<Test, 'teardown'>): Promise<FakeAdmin> => {
  const listening = new Set<ServerResponse>()
  const guarded =
    (handler: Handler): Handler =>
    (exchange) => {
      if (fake.isAway) return void exchange.request.socket.destroy()
      const given = exchange.request.headers.authorization
      const isRight = fake.token === undefined || given === `Bearer ${fake.token}`
      if (isRight) return handler(exchange)
      if (fake.attemptsAllowed-- > 0) return sendProblem(exchange, 'invalid_token')
      sendProblem(exchange, 'too_many_requests', { headers: ['Retry-After', '30'] })
    }

  const fake: FakeAdmin = {
    origin: '',
    inspect: () => REFUSED,
    inspected: [],
    attemptsAllowed: Infinity,
    history: [],
    token: undefined,
    isAway: false,
    get listeners() {
      return listening.size
    },
    push: (changes = {}) => {
      const at = (fake.history.at(-1)?.at ?? START_MS) + 1_000
      const snapshot = { ...quietSnapshot(at), ...changes }
      fake.history.push(snapshot)
      for (const response of listening)
        response.write(`event: snapshot\ndata: ${JSON.stringify(snapshot)}\n\n`)
    },
    cut: () => {
      for (const response of listening) response.end()
    },
  }

  const routes: Route[] = [
    {
      pattern: '/v1/status',
      methods: {
        GET: guarded((exchange) =>
          sendJson(exchange, {
            started_at: START_MS / 1000 - 12_345,
            version: '0.1.0',
            history: fake.history,
          }),
        ),
      },
    },
    {
      pattern: '/v1/status/events',
      methods: {
        GET: guarded(({ response }) => {
          response.writeHead(200, { 'Content-Type': 'text/event-stream' }).flushHeaders()
          listening.add(response)
          response.on('close', () => listening.delete(response))
        }),
      },
    },
    {
      pattern: '/v1/inspect',
      methods: {
        POST: guarded(async (exchange) => {
          const { token } = (await json(exchange.request)) as { token: string }
          fake.inspected.push(token)
          sendJson(exchange, fake.inspect(token))
        }),
      },
    },
  ]
  const { port } = await serve(t, [...createPage(), ...routes])
  fake.origin = `http://127.0.0.1:${port}`
  return fake
}

const sendJson = (exchange: Exchange, body: unknown): void =>
  send(exchange, { status: 200, contentType: 'application/json', body: JSON.stringify(body) })

const REFUSED: Inspection = {
  accepted: false,
  checks: [{ name: 'shape', passed: false, detail: 'it has 1 of three parts, separated by dots' }],
  reason: 'malformed',
  header: null,
  claims: null,
  passport: null,
  headers: null,
}
