// What a run came to, as text and Markdown, and which promises it has broken.
import { machine, table } from '../bench/figures.mjs'
import { eventCounts, spread } from '../faults/figures.mjs'
import { growth } from './memory.mjs'

/** In megabytes an hour. */
const LIMIT_GROWTH = 1

export const reportOf = (result, setting) => {
  const { tally, looks, before, after, startMs } = result
  const warm = looks.filter(({ atMs }) => atMs - startMs >= setting.warmSeconds * 1_000)
  const growths = Object.fromEntries(
    ['heap', 'external', 'rss'].map((name) => [name, growth(warm, (one) => one[name])]),
  )
  const counts = { ...countPosts(result), ...countUsers(result.users) }
  const broken = brokenOf({ ...result, ...counts, growths })
  const delays = warm.map(({ delays }) => delays)
  const sizes = (name) =>
    [before, warm.at(0), warm.at(-1), after].map((one) => one[name].toFixed(2))
  const text = `
${table(
  ['Requests', 'sent', 'right', 'excused by a restart', 'wrong', 'p50 ms', 'p99 ms'],
  [...tally.kinds].map(([name, { sent, right, excused, wrong, tookMs }]) => {
    const { p50, p99 } = spread(tookMs)
    return [name, sent, right, excused, wrong, p50?.toFixed(1), p99?.toFixed(1)]
  }),
)}
${table(
  ['MB', 'before', 'warm', 'end', 'after', 'an hour more (± standard error)'],
  Object.entries(growths).map(([name, { perHour, error }]) => [
    name,
    ...sizes(name),
    `${perHour.toFixed(2)} ± ${error.toFixed(2)}`,
  ]),
)}
${tally.count()} requests in ${setting.seconds} s, ${result.restarts} restarts; sent ${result.lateMs.toFixed(0)} ms late at most; CPU ${result.cpuPercent.toFixed(0)} % of a core
${Object.entries(counts)
  .map(([name, count]) => `${name} ${count}`)
  .join(', ')}
descriptors ${before.descriptors} before, ${after.descriptors} after; ${JSON.stringify(before.resources)}, ${JSON.stringify(after.resources)}
the event loop let wait: p50 ${median(delays, 'p50Ms')}, p99 ${median(delays, 'p99Ms')} (median of ${delays.length} looks), ${worst(delays, 'p99Ms')} (worst), at most ${worst(delays, 'maxMs')} ms
the gateway said: ${JSON.stringify(eventCounts(result.events))}
${machine()}, store ${setting.store.split(':')[0]}
`
  return { text, broken }
}

const median = (delays, name) => spread(delays.map((one) => one[name])).p50.toFixed(1)
const worst = (delays, name) => spread(delays.map((one) => one[name])).max.toFixed(1)

/** POSTs and PUTs, at both ends. */
const countPosts = ({ posts, ledger }) => {
  const entries = [...posts]
  const receipts = (id) => ledger.received.get(id) ?? 0
  const where = (test) => entries.filter(([id, entry]) => test(entry, receipts(id))).length
  return {
    lost: where(({ isAnswered }, count) => isAnswered && count === 0),
    doubled: where(({ isKeyed }, count) => !isKeyed && count > 1),
    madeUp: where(({ isLeft }, count) => isLeft && count > 0),
    spoiled: ledger.spoiled.size,
    trespassed: ledger.trespassed.size,
  }
}

const countUsers = ({ there, acknowledged, doubtful }) => {
  const expected = new Map(acknowledged.map(({ email, id }) => [email, id]))
  const found = new Map(there.map(({ email, user_id: id }) => [email, id]))
  return {
    users: there.length,
    usersLost: acknowledged.filter(({ email, id }) => found.get(email) !== id).length,
    usersTwice: there.length - found.size,
    usersMadeUp: there.filter(({ email }) => !expected.has(email) && !doubtful.has(email)).length,
  }
}

const brokenOf = ({ tally, unanswered, before, after, growths, openStreams, exit, ...counts }) => {
  const none = {
    'answers were wrong': tally.wrong(),
    'requests were not answered': unanswered,
    'streams were left open to the service': openStreams,
    'descriptors were left': after.descriptors - before.descriptors,
    'acknowledged POSTs were lost': counts.lost,
    'POSTs were doubled': counts.doubled,
    'bodies that broke off were made whole': counts.madeUp,
    'bodies were spoiled': counts.spoiled,
    'requests reached the service that never should': counts.trespassed,
    'acknowledged users were lost': counts.usersLost,
    'users were there twice': counts.usersTwice,
    'users were made up': counts.usersMadeUp,
  }
  const { heap } = growths
  return [
    ...Object.entries(none).flatMap(([what, count]) => (count > 0 ? [`${count} ${what}`] : [])),
    ...Object.entries(after.resources).flatMap(([name, count]) => {
      const more = count - (before.resources[name] ?? 0)
      return more > 0 ? [`${more} of ${name} were left`] : []
    }),
    // What noise alone can explain is no growth.
    ...(heap.perHour - 2 * heap.error > LIMIT_GROWTH
      ? [`the heap grows by ${heap.perHour.toFixed(2)} MB an hour`]
      : []),
    ...(exit === 0 ? [] : [`the gateway ended with ${exit}`]),
  ]
}
