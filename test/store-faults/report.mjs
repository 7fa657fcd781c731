// The table that is printed.
import { table } from '../faults/report.mjs'

export const resultTable = (results) =>
  table(
    [
      'Scenario',
      'Engine',
      'Signups + logouts acknowledged',
      'Lost',
      'Doubled',
      'Revoked, accepted late',
      'Wrong answers',
      'Refused (503), slowest s',
      'Proxied: answered of all, p99 ms',
      'Outage s',
      'Recovery s',
    ],
    results.map(({ title, store, result }) =>
      result.skipped ? [title, store, `skipped: ${result.skipped}`] : row(title, store, result),
    ),
  )

const row = (title, store, result) => [
  title,
  store,
  `${result.signups} + ${result.revoked}`,
  result.lost,
  result.doubled,
  result.acceptedLate,
  result.wrong,
  `${result.refused}, ${inSeconds(result.slowest503Ms)}`,
  `${result.proxied.answered} of ${result.proxied.sent}, ${result.proxied.p99Ms.toFixed(0)}`,
  inSeconds(result.outageMs),
  inSeconds(result.recoveryMs),
]

/** What the table leaves out. */
export const details = (result) =>
  [
    Object.entries(result.counts)
      .toSorted(([a], [b]) => a.localeCompare(b))
      .map(([name, count]) => `${name}: ${count}`)
      .join(', '),
    ...(result.unanswered > 0
      ? [
          `${result.unanswered} signups never answered, ${result.unansweredThere} of these users there; last: ${result.lastWords.join(', ')}`,
        ]
      : []),
    `slowest revocation: ${inSeconds(result.slowestRevocationMs)} s`,
    ...result.notes,
    ...result.broken,
    ...(result.died > 0 ? [`${result.died} gateways DIED`] : []),
    ...(result.leaked > 0 ? ['a PASSWORD IS IN THE LOG'] : []),
  ].map((line) => `  ${line}`)

const inSeconds = (ms) => (Number.isFinite(ms) ? (ms / 1_000).toFixed(2) : '—')
