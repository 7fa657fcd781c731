import type { Snapshot } from '../../lib/admin/snapshot.js'
import { START_SECONDS } from './manual-clock.js'

/** A snapshot as the status of a gateway has them, `second` seconds after its start. */
export const snapshotAt = (second: number, changes: Partial<Snapshot> = {}): Snapshot => ({
  at: (START_SECONDS + second) * 1_000,
  ready: { status: 'ready', checks: [{ name: 'accepting', ready: true }] },
  requests: {
    per_second: second,
    p50_ms: 1.234,
    p95_ms: 12.34,
    p99_ms: second % 4 === 0 ? null : 123.4,
    by_status: { '4xx': 1, '5xx': 0.25, '2xx': 12_345 },
  },
  refusals: [
    { reason: 'expired', total: 1_234_567, per_second: 0.2 },
    { reason: 'no_token', total: 7, per_second: 0 },
  ],
  targets: [
    {
      route: '/v1/proxy/*',
      target: 'http://127.0.0.1:4000',
      state: 'up',
      in_flight: 3,
      per_second: 12.5,
      share: 0.5,
      p95_ms: 3.1,
      failures: 2,
    },
    {
      route: '/v1/proxy/*',
      target: 'http://127.0.0.1:4001',
      state: 'ejected',
      in_flight: 0,
      per_second: 12.5,
      share: 0.5,
      p95_ms: null,
      failures: 99_999,
    },
    {
      route: '/v1/proxy/a-route-of-a-long-name/*',
      target: 'https://service.of.a.long.name.example.com',
      state: 'down',
      in_flight: 0,
      per_second: 0,
      share: 0,
      p95_ms: 45_678,
      failures: 0,
    },
  ],
  open: { connections: 10, requests: 4, streams: 2 },
  hash_queue: { waiting: 3, running: 1 },
  memory: { rss_bytes: 70_123_456, heap_bytes: 512 },
  loop_delay_ms: 1.2,
  cpu_share: 0.133,
  overload: 'none',
  newest_refusals: Array.from({ length: 20 }, (_, i) => ({
    at: (START_SECONDS + second - i) * 1_000,
    request_id: `0b0c7c62-7a3f-4e8c-9e9c-0000000000${10 + i}`,
    method: 'GET',
    route: '/v1/proxy/*',
    status: 401,
    reason: 'expired',
  })),
  ...changes,
})

/** The status of a gateway that has been up for so many seconds. */
export const statusAfter = (seconds: number, changes: Partial<Snapshot> = {}) => ({
  started_at: START_SECONDS,
  version: '1.2.3',
  history: Array.from({ length: seconds }, (_, i) => snapshotAt(i + 1, changes)),
})
