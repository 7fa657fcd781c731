// What a scenario came to.
import { STORE_MS } from './gateways.mjs'

/** How long it may take to refuse: as long as the store may take to be asked, to do it, and to be told. */
const LIMIT_503_MS = 3 * STORE_MS + 1_000

export const figuresOf = ({ calls, proxied, startMs, endMs, healedMs, gateways, isKilled }) => {
  const counts = {}
  for (const { kind, status, code } of [...calls, ...proxied]) {
    const name = `${kind} ${status}${code ? ` ${code}` : ''}`
    counts[name] = (counts[name] ?? 0) + 1
  }
  const failed = calls.filter(({ status }) => status === 503)
  const good = proxied.filter(({ status }) => status === 200)
  const latencies = good.map(({ dueMs, endMs }) => endMs - dueMs).toSorted((a, b) => a - b)
  return {
    counts,
    wrong: [...calls, ...proxied].filter((call) => isWrong(call, isKilled)).length,
    refused: failed.length,
    slowest503Ms: Math.max(0, ...failed.map(({ startMs, endMs }) => endMs - startMs)),
    outageMs: Math.max(...KINDS.map((kind) => longestGapMs(calls, kind, startMs, endMs))),
    recoveryMs: Math.max(0, ...healedMs.map((ms) => recoveryMs(calls, ms, gateways))),
    proxied: {
      sent: proxied.length,
      answered: good.length,
      p99Ms: latencies[Math.floor(latencies.length * 0.99)],
      maxMs: latencies.at(-1),
    },
  }
}

const SUCCESSES = { signup: 201, login: 200, logout: 204, proxied: 200 }
const KINDS = ['signup', 'login', 'logout']
const REFUSALS = ['store_unavailable', 'overloaded']

const isGood = ({ kind, status }) =>
  status === SUCCESSES[kind] ||
  // Another try has done it.
  (kind === 'logout' && status === 401)

/** Neither done nor refused in time. Only a gateway that is killed may cut a connection, or hold a key. */
const isWrong = (call, isKilled) => {
  const { kind, status, code, startMs, endMs } = call
  if (isGood(call)) return false
  if (status === 0) return !isKilled
  if (kind === 'signup' && code === 'email_taken') return false
  return kind === 'proxied' || !REFUSALS.includes(code) || endMs - startMs > LIMIT_503_MS
}

/** The longest time in which nobody anywhere was done. */
const longestGapMs = (calls, kind, startMs, endMs) => {
  const done = calls.filter((call) => call.kind === kind && isGood(call))
  if (!calls.some((call) => call.kind === kind)) return 0
  const times = [startMs, ...done.map((call) => call.endMs), endMs]
    .filter((ms) => ms >= startMs && ms <= endMs)
    .toSorted((a, b) => a - b)
  return Math.max(...times.slice(1).map((ms, i) => ms - times[i]))
}

/** How long it took until each gateway had done each kind again; `Infinity` where one never did. */
export const recoveryMs = (calls, healedMs, gateways) => {
  const kinds = KINDS.filter((kind) => calls.some((call) => call.kind === kind))
  const times = gateways.flatMap((gateway) =>
    kinds.map((kind) => {
      const isOurs = (call) => call.kind === kind && call.gateway === gateway && isGood(call)
      const ends = calls.filter((call) => isOurs(call) && call.endMs > healedMs)
      return Math.min(...ends.map(({ endMs }) => endMs)) - healedMs
    }),
  )
  return Math.max(...times)
}
