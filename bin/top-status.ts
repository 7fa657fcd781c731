import type { Snapshot } from '../lib/admin/snapshot.js'
import type { Json } from './admin-client.js'
import { noGateway } from './users-pages.js'

/** How a gateway has been of late, as `GET /v1/status` tells it. */
export interface GatewayStatus {
  /** Unix seconds. */
  started_at: number
  version: string
  /** Oldest first. */
  history: readonly Snapshot[]
}

/**
 * Checks that an answer, which may be anything's, is what a gateway tells.
 * @throws AdminFailure when it is not
 */
export const statusOf = (answer: Json): GatewayStatus => {
  if (!fits(answer, STATUS)) throw noGateway()
  return answer as unknown as GatewayStatus // it fits
}

/** What a value must be: of this type, no number being less than 0; an object with these members; an array of these; one of them. */
type Shape = 'number' | 'string' | 'boolean' | readonly [Shape] | ShapeOfObject | Choice
interface ShapeOfObject {
  readonly [name: string]: Shape
}
class Choice {
  readonly isOne: (value: unknown) => boolean

  constructor(isOne: (value: unknown) => boolean) {
    this.isOne = isOne
  }
}

const fits = (value: unknown, shape: Shape): boolean => {
  if (typeof shape === 'string')
    return typeof value === shape && (typeof value !== 'number' || (value >= 0 && value < Infinity))
  if (shape instanceof Choice) return shape.isOne(value)
  if (typeof value !== 'object' || value === null) return false
  if (isList(shape))
    return Array.isArray(value) && value.every((entry: unknown) => fits(entry, shape[0]))
  return Object.entries(shape).every(
    ([name, member]) => Object.hasOwn(value, name) && fits((value as Json)[name], member),
  )
}

const isList = (shape: object): shape is readonly [Shape] => Array.isArray(shape)

const words = (...all: string[]): Choice => new Choice((value) => all.some((one) => one === value))
const rates = new Choice(
  (value) =>
    typeof value === 'object' &&
    value !== null &&
    Object.values(value).every((entry) => fits(entry, 'number')),
)
const figure = new Choice((value) => value === null || fits(value, 'number'))

const SNAPSHOT = {
  at: 'number',
  ready: {
    status: words('ready', 'degraded', 'not_ready'),
    checks: [{ name: 'string', ready: 'boolean' }],
  },
  requests: {
    per_second: 'number',
    p50_ms: figure,
    p95_ms: figure,
    p99_ms: figure,
    by_status: rates,
  },
  refusals: [{ reason: 'string', total: 'number', per_second: 'number' }],
  targets: [
    {
      route: 'string',
      target: 'string',
      state: words('up', 'down', 'ejected'),
      in_flight: 'number',
      per_second: 'number',
      share: 'number',
      p95_ms: figure,
      failures: 'number',
    },
  ],
  open: { connections: 'number', requests: 'number', streams: 'number' },
  hash_queue: { waiting: 'number', running: 'number' },
  memory: { rss_bytes: 'number', heap_bytes: 'number' },
  loop_delay_ms: 'number',
  cpu_share: 'number',
  overload: words('none', 'soft', 'hard'),
  newest_refusals: [
    {
      at: 'number',
      request_id: 'string',
      method: 'string',
      route: 'string',
      status: 'number',
      reason: 'string',
    },
  ],
} satisfies Record<keyof Snapshot, Shape>

const STATUS: Shape = { started_at: 'number', version: 'string', history: [SNAPSHOT] }
