// Figures of a gateway that has something of everything to show.
import type { Inspection, Snapshot } from '../../lib/admin/page/contract.js'
import { START_MS } from './fake-admin.js'

export const TARGETS: Snapshot['targets'] = (['up', 'ejected', 'down'] as const).map(
  (state, nth) => ({
    route: '/v1/proxy/*',
    target: `http://10.0.0.${nth + 1}:4000`,
    state,
    in_flight: 3 - nth,
    per_second: 20 - nth * 10,
    share: [0.7, 0.3, 0][nth] as number,
    failures: nth * 12,
    p95_ms: state === 'down' ? null : 5,
  }),
)

export const BUSY: Partial<Snapshot> = {
  targets: TARGETS,
  ready: {
    status: 'degraded',
    checks: [
      { name: 'store', ready: true },
      { name: 'upstream', ready: false },
    ],
  },
  overload: 'soft',
  requests: {
    per_second: 31.5,
    p50_ms: 1.25,
    p95_ms: 7,
    p99_ms: 1_250,
    by_status: { '2xx': 20, '3xx': 1, '4xx': 8, '5xx': 2, none: 0.5 },
  },
  refusals: [
    { reason: 'expired', total: 1_200, per_second: 2.5 },
    { reason: 'bad_signature', total: 300, per_second: 0 },
  ],
  newest_refusals: ['expired', 'bad_signature', 'expired'].map((reason, nth) => ({
    at: START_MS - nth * 1_000,
    request_id: `request-${nth}`,
    method: 'GET',
    route: '/v1/proxy/*',
    status: 401,
    reason,
  })),
}

export const ACCEPTED: Inspection = {
  accepted: true,
  reason: null,
  checks: [
    { name: 'the signature is of such a key', passed: true, detail: '' },
    { name: 'exp is in the future', passed: true, detail: '' },
  ],
  header: { alg: 'HS256', typ: 'JWT' },
  claims: { sub: 'user_ada', exp: 1_900_000_000 },
  passport: { user_id: 'user_ada', token_status: 'valid', issued_at: 1_899_999_000 },
  headers: {
    'X-Passport': 'eyJ1c2VyX2lkIjoidXNlcl9hZGEifQ==',
    'X-Proxy-State': 'ZnJlZTpJTjphbmRyb2lk',
  },
}

export const EXPIRED: Inspection = {
  accepted: false,
  reason: 'expired',
  checks: [
    { name: 'the signature is of such a key', passed: true, detail: '' },
    { name: 'exp is in the future', passed: false, detail: 'exp has passed' },
    { name: 'it is not revoked', passed: null, detail: '' },
  ],
  header: { alg: 'HS256' },
  claims: { sub: 'user_ada', exp: 1_700_000_000 },
  passport: null,
  headers: null,
}
