import type { Snapshot } from '../lib/admin/snapshot.js'
import {
  amount,
  bytes,
  cut,
  duration,
  percent,
  perSecond,
  sparkline,
  timeOfDay,
  timeSpan,
} from './top-figures.js'
import { drawLine, sharesOf, tableLines, type Line, type Span, type Table } from './top-lines.js'
import type { GatewayStatus } from './top-status.js'

/** What is shown. */
export interface View {
  adminUrl: string
  status: GatewayStatus
  /** Why there is nothing newer. */
  failure?: string | undefined
}

/** What it is shown on. */
export interface Canvas {
  columns: number
  rows: number
  isColoured: boolean
}

/** How a gateway does: at most `rows` lines, each of exactly `columns` cells. */
export const frameOf = (view: View, { columns, rows, isColoured }: Canvas): string[] => {
  const { history } = view.status
  const snapshot = history.at(-1)
  const head = [titleLine(view, snapshot, columns), stateLine(view, snapshot)]
  const figures = snapshot ? figureLines(snapshot, history, columns) : []
  const room = rows - head.length - figures.length
  const tables = snapshot ? tablesIn(snapshot, columns, room) : []
  return [...head, ...figures, ...tables]
    .slice(0, rows)
    .map((line) => drawLine(line, columns, isColoured))
}

const titleLine = (
  { adminUrl, status }: View,
  snapshot: Snapshot | undefined,
  columns: number,
): Line => {
  const left = `passport-gateway ${cut(status.version, 20)}  `
  const right = snapshot
    ? `  up ${timeSpan(Math.max(0, snapshot.at / 1_000 - status.started_at))}  ${timeOfDay(snapshot.at)}`
    : ''
  const room = Math.max(0, columns - left.length - right.length)
  return [[left, 'strong'], [cut(adminUrl, room).padEnd(room)], [right]]
}

const stateLine = ({ failure }: View, snapshot: Snapshot | undefined): Line => {
  if (failure !== undefined) return [[failure, 'bad']]
  if (!snapshot) return [['there are no figures yet', 'warn']]
  const { ready, overload } = snapshot
  const missing = ready.checks.filter((check) => !check.ready).map(({ name }) => cut(name, 24))
  const parts = missing.length > 0 ? ` (${missing.join(', ')} not ready)` : ''
  const words = ready.status.replace('_', ' ') + parts
  return [
    [words, { ready: 'good', degraded: 'warn', not_ready: 'bad' }[ready.status] as 'good'],
    [GAP],
    [`overload ${overload}`, ({ none: undefined, soft: 'warn', hard: 'bad' } as const)[overload]],
  ]
}

const figureLines = (
  { requests, open, hash_queue: hashing, memory, ...rest }: Snapshot,
  history: readonly Snapshot[],
  columns: number,
): Line[] => {
  const rates = history.map((one) => one.requests.per_second)
  const p99s = history.map((one) => one.requests.p99_ms)
  const statuses = Object.entries(requests.by_status).slice(0, MOST_CLASSES)
  return [
    graph('requests', perSecond(requests.per_second), rates, perSecond, columns),
    graph('p99', duration(requests.p99_ms), p99s, duration, columns),
    figures('latency', [
      [`p50 ${duration(requests.p50_ms)}`],
      [`p95 ${duration(requests.p95_ms)}`],
      [`p99 ${duration(requests.p99_ms)}`],
    ]),
    figures(
      'statuses',
      statuses
        .toSorted(([one], [other]) => (one < other ? -1 : 1))
        .map(([name, rate]) => [
          `${cut(name, 8)} ${perSecond(rate)}`,
          name === '5xx' && rate > 0 ? 'bad' : undefined,
        ]),
    ),
    figures('open', [
      [`${amount(open.connections)} connections`],
      [`${amount(open.requests)} requests`],
      [`${amount(open.streams)} streams`],
      [`hashing ${amount(hashing.running)}, ${amount(hashing.waiting)} waiting`],
    ]),
    figures('load', [
      [`CPU ${percent(rest.cpu_share)}`],
      [`loop delay ${duration(rest.loop_delay_ms)}`],
      [`memory ${bytes(memory.rss_bytes)}`],
      [`heap ${bytes(memory.heap_bytes)}`],
    ]),
  ]
}

const graph = (
  name: string,
  now: string,
  values: ReadonlyArray<number | null>,
  say: (value: number) => string,
  columns: number,
): Line => {
  const room = Math.max(1, Math.min(SECONDS, columns - LABEL - VALUE - 1))
  const known = values.slice(-room)
  const most = Math.max(...known.map((value) => value ?? 0))
  return [
    [`${name.padEnd(LABEL)}${now.padStart(VALUE)} `],
    [sparkline(known).padStart(room), 'good'],
    [columns >= WIDE ? `  at most ${say(most)}` : ''],
  ]
}

const figures = (name: string, all: readonly Span[]): Line => [
  [name.padEnd(LABEL + 1)],
  ...all.flatMap((span, i): Span[] => (i === 0 ? [span] : [[GAP], span])),
]

const tablesIn = (snapshot: Snapshot, columns: number, room: number): Line[] => {
  const tables = [targets(snapshot), refusals(snapshot), newest(snapshot, columns)]
    .filter(({ rows }) => rows.length > 0)
    .slice(0, Math.max(0, Math.floor(room / LEAST_ROWS)))
  const shares = sharesOf(
    tables.map(({ rows }) => rows.length),
    room - 2 * tables.length,
  )
  return tables.flatMap((table, i) => [[], ...tableLines(table, shares[i] as number, columns)])
}

// What does not work stands first: there may be no room for all.
const STATES = ['down', 'ejected', 'up'] as const
const STYLES = { down: 'bad', ejected: 'warn', up: 'good' } as const

const targets = (snapshot: Snapshot): Table => ({
  columns: [
    { title: 'ROUTE' },
    { title: 'TARGET' },
    { title: 'STATE', width: 7 },
    { title: 'OPEN', width: 5, isRight: true },
    { title: 'REQ/S', width: 6, isRight: true },
    { title: 'SHARE', width: 6, isRight: true },
    { title: 'P95', width: 7, isRight: true },
    { title: 'FAILED', width: 6, isRight: true },
  ],
  rows: snapshot.targets
    .toSorted((one, other) => STATES.indexOf(one.state) - STATES.indexOf(other.state))
    .map((target) => [
      [target.route],
      [target.target.replace(/^http:\/\//, '')], // its port is at the end, and tells most
      [target.state, STYLES[target.state]],
      [amount(target.in_flight)],
      [amount(target.per_second)],
      [percent(target.share)],
      [duration(target.p95_ms)],
      [amount(target.failures)],
    ]),
})

const refusals = (snapshot: Snapshot): Table => ({
  columns: [
    { title: 'REFUSAL', width: 36 },
    { title: 'TOTAL', width: 8, isRight: true },
    { title: 'PER SECOND', width: 10, isRight: true },
  ],
  rows: snapshot.refusals.map(({ reason, total, per_second: rate }) => [
    [reason],
    [amount(total)],
    [amount(rate)],
  ]),
})

const newest = (snapshot: Snapshot, columns: number): Table => ({
  columns: [
    { title: 'REFUSED', width: 8 },
    { title: 'METHOD', width: 7 },
    { title: 'STATUS', width: 6 },
    { title: 'REASON', width: 24 },
    { title: 'ROUTE' },
    ...(columns >= WIDE ? [{ title: 'REQUEST ID', width: 36 }] : []),
  ],
  rows: snapshot.newest_refusals.map((one) => [
    [timeOfDay(one.at)],
    [one.method],
    [String(one.status)],
    [one.reason],
    [one.route],
    ...(columns >= WIDE ? [[one.request_id] as const] : []),
  ]),
})

const SECONDS = 60
const LABEL = 9
const VALUE = 10
const WIDE = 110
const GAP = '   '
const MOST_CLASSES = 7
/** Of a table: a blank line, its head, a row. */
const LEAST_ROWS = 3
