// What the admin listener answers, as the page reads it.

export interface Check {
  name: string
  ready: boolean
}

export interface Refusals {
  reason: string
  total: number
  per_second: number
}

export interface Target {
  route: string
  target: string
  state: 'up' | 'down' | 'ejected'
  in_flight: number
  per_second: number
  /** Its part of the traffic of its route, 0 to 1. */
  share: number
  failures: number
  p95_ms: number | null
}

export interface RefusedRequest {
  /** Unix milliseconds. */
  at: number
  request_id: string
  method: string
  route: string
  status: number
  reason: string
}

/** The state of a gateway, and what it did in the last second. */
export interface Snapshot {
  /** Unix milliseconds. */
  at: number
  ready: { status: 'ready' | 'degraded' | 'not_ready'; checks: Check[] }
  requests: {
    per_second: number
    p50_ms: number | null
    p95_ms: number | null
    p99_ms: number | null
    /** Requests per second of each class of statuses, such as `2xx`. */
    by_status: Record<string, number>
  }
  refusals: Refusals[]
  targets: Target[]
  open: { connections: number; requests: number; streams: number }
  hash_queue: { waiting: number; running: number }
  memory: { rss_bytes: number; heap_bytes: number }
  loop_delay_ms: number
  cpu_share: number
  overload: 'none' | 'soft' | 'hard'
  newest_refusals: RefusedRequest[]
}

/** The answer of `GET /v1/status`. */
export interface Status {
  /** Unix seconds. */
  started_at: number
  version: string
  /** Oldest first. */
  history: Snapshot[]
}

/** The answer of `POST /v1/inspect`. */
export interface Inspection {
  accepted: boolean
  checks: Array<{ name: string; passed: boolean | null; detail: string }>
  reason: string | null
  /** Unless it was, header and claims are anybody's. */
  signature_verified?: boolean
  header: Record<string, unknown> | null
  claims: Record<string, unknown> | null
  passport: Record<string, unknown> | null
  headers: Record<string, string> | null
}
