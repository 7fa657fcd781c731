// What a scenario came to.

export const figuresOf = ({ calls, proxied, startMs, endMs, healedMs, gateways }) => {
  const counts = {}
  for (const { kind, status, code } of calls) {
    const name = `${kind} ${status}${code ? ` ${code}` : ''}`
    counts[name] = (counts[name] ?? 0) + 1
  }
  const failed = calls.filter(({ status }) => status === 503)
  const good = proxied.filter(({ status }) => status === 200)
  const latencies = good.map(({ dueMs, endMs }) => endMs - dueMs).toSorted((a, b) => a - b)
  return {
    counts,
    errors: calls.filter((call) => !isGood(call)).length,
    slowest503Ms: Math.max(0, ...failed.map(({ startMs, endMs }) => endMs - startMs)),
    outageMs: Math.max(...KINDS.map((kind) => longestGapMs(calls, kind, startMs, endMs))),
    recoveryMs: Math.max(...healedMs.map((ms) => recoveryMs(calls, ms, gateways))),
    proxied: {
      sent: proxied.length,
      errors: proxied.length - good.length,
      p99Ms: latencies[Math.floor(latencies.length * 0.99)],
      maxMs: latencies.at(-1),
    },
  }
}

const KINDS = ['signup', 'login', 'logout']

const isGood = ({ kind, status }) =>
  status === { signup: 201, login: 200, logout: 204 }[kind] ||
  // Another try has done it.
  (kind === 'logout' && status === 401)

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
const recoveryMs = (calls, healedMs, gateways) => {
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
