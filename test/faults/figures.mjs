// What a scenario came to, counted at both ends.
import { answerBody } from './messages.mjs'

/** What the gateway says of itself when a target fails. */
const FAILURES = new Set([502, 503, 504])

export const figuresOf = (run) => {
  const { requests, scenario, startMs, faultMs, healedMs } = run
  const ledger = readLedgers(run.ledgers)
  const counts = {}
  const latencies = []
  const errorLatencies = []
  let lastErrorMs = -Infinity
  const add = (name) => (counts[name] = (counts[name] ?? 0) + 1)
  const outcomes = {}
  const errors = { get: 0, keyed: 0, post: 0 }

  for (const request of requests) {
    const { id, kind, dueMs, sentMs, endMs } = request
    const outcome = outcomeOf(request, ledger, scenario)
    const received = ledger.received.get(id) ?? 0
    add(outcome.verdict)
    outcomes[outcome.name] = (outcomes[outcome.name] ?? 0) + 1
    if (ledger.spoiled.has(id)) add('wrong')
    if (received > 1) add(kind === 'post' ? 'doubled' : 'retried')
    if (kind === 'post' && received > 0 && outcome.name !== '200') add('ambiguous')
    if (ledger.answered.has(id) && outcome.name !== '200') add('answeredInVain')
    if (sentMs === undefined) continue
    if (outcome.name !== '200') {
      errors[kind]++
      lastErrorMs = Math.max(lastErrorMs, endMs)
      errorLatencies.push(endMs - dueMs)
    } else if (dueMs >= startMs) latencies.push(endMs - dueMs)
  }

  const receipts = [...ledger.received.values()].reduce((sum, count) => sum + count, 0)
  return {
    sent: requests.length - (counts.unsent ?? 0),
    unsent: counts.unsent ?? 0,
    outcomes,
    errors,
    lost: counts.lost ?? 0,
    doubled: counts.doubled ?? 0,
    wrong: counts.wrong ?? 0,
    short: counts.short ?? 0,
    cut: counts.cut ?? 0,
    retried: counts.retried ?? 0,
    ambiguous: counts.ambiguous ?? 0,
    answeredInVain: counts.answeredInVain ?? 0,
    extraPercent: ((receipts - ledger.received.size) / requests.length) * 100,
    latency: spread(latencies),
    errorLatency: spread(errorLatencies),
    lateness: spread(requests.map(({ dueMs, sentMs = dueMs }) => sentMs - dueMs)),
    errorsForMs: Math.max(lastErrorMs - faultMs, 0),
    errorsAfterHealMs: Math.max(lastErrorMs - healedMs, 0),
    gatewaySaid: eventCounts(run.events),
    process: run.process,
  }
}

export const isFaulty = ({ lost, doubled, wrong, short }) => lost + doubled + wrong + short > 0

/** What targets have written down: how often each id was received, and which ids have another word. */
export const readLedgers = (texts) => {
  const received = new Map()
  const sets = { answered: new Set(), spoiled: new Set(), trespassed: new Set() }
  for (const line of texts.flatMap((text) => text.split('\n'))) {
    const [what, id] = line.split(' ')
    if (what === 'received') received.set(id, (received.get(id) ?? 0) + 1)
    else sets[what]?.add(id)
  }
  return { received, ...sets }
}

/** `name` is what the client saw, `verdict` what that is worth. */
const outcomeOf = ({ id, user, sentMs, answer }, ledger, { breaksAnswers }) => {
  if (sentMs === undefined) return { name: 'unsent', verdict: 'unsent' }
  if (!answer) return { name: 'nothing', verdict: 'lost' }
  const { status, body, isWhole } = answer
  if (!isWhole) return { name: 'cut', verdict: breaksAnswers ? 'cut' : 'lost' }
  if (FAILURES.has(status)) {
    const code = codeOf(body)
    return { name: `${status} ${code ?? '?'}`, verdict: code ? 'error' : 'wrong' }
  }
  const expected = answerBody(id, user.id)
  if (status === 200 && body === expected) {
    return { name: '200', verdict: ledger.received.has(id) ? 'right' : 'wrong' }
  }
  const isShort = status === 200 && expected.startsWith(body)
  return { name: isShort ? 'short' : `wrong ${status}`, verdict: isShort ? 'short' : 'wrong' }
}

const codeOf = (body) => {
  try {
    return JSON.parse(body).code
  } catch {
    return undefined
  }
}

/** Of numbers that need no order. */
export const spread = (numbers) => {
  const sorted = numbers.toSorted((a, b) => a - b)
  const at = (share) => sorted[Math.min(Math.floor(sorted.length * share), sorted.length - 1)]
  return { p50: at(0.5), p99: at(0.99), max: sorted.at(-1) }
}

/** How often the log has each kind of event; failures by phase and cause. */
export const eventCounts = (events) => {
  const counts = {}
  for (const { event, phase, cause, forMs } of events) {
    const name = [event, phase, cause, forMs].filter((part) => part !== undefined).join(' ')
    counts[name] = (counts[name] ?? 0) + 1
  }
  return counts
}
