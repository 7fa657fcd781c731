// A figure against its limit: `{ what, limit, text, isMet }`.
import { spread } from '../faults/figures.mjs'

const digits = (value) =>
  Math.abs(value) < 100 && !Number.isInteger(value) ? value.toFixed(1) : value.toFixed(0)

/** Must be below `limit`. */
export const below = (what, value, limit, unit) => ({
  what,
  limit: `below ${limit} ${unit}`.trim(),
  text: `${digits(value)} ${unit}`.trim(),
  isMet: value < limit,
})

/** Must be `limit`; `text` says more. */
export const exactly = (what, value, limit, text = String(value)) => ({
  what,
  limit: String(limit),
  text,
  isMet: value === limit,
})

/** `200: 90, 503: 10` */
export const countsOf = (statuses) => {
  const counts = {}
  for (const status of statuses) counts[status] = (counts[status] ?? 0) + 1
  return Object.entries(counts)
    .map(([status, count]) => `${status}: ${count}`)
    .join(', ')
}

const STEADY_MS = 50

/** What the steady user got meanwhile: every answer right, and soon. */
export const othersSaw = (requests) => {
  const errors = requests.filter(({ status }) => status !== 200)
  const { p50, p99, max } = spread(requests.map(({ latencyMs }) => latencyMs))
  const p99Figure = below('p99 of others', p99, STEADY_MS, 'ms')
  p99Figure.text += ` (p50 ${digits(p50)}, most ${digits(max)})`
  const said = errors.length > 0 ? ` (${countsOf(errors.map(({ status }) => status))})` : ''
  return [
    exactly('errors of others', errors.length, 0, `${errors.length} of ${requests.length}${said}`),
    p99Figure,
  ]
}

/** How late requests were sent, which is the load generator's own doing. */
export const latenessOf = (requests) => digits(spread(requests.map(({ lateMs }) => lateMs)).p99)
