// The tables that are printed.

/** What clients and targets saw. */
export const figuresTable = (results) =>
  table(
    [
      'Scenario',
      'Sent',
      'Sent late p99 ms',
      'Answers',
      'Errors of GET / keyed / other POST',
      'Lost',
      'Doubled POSTs',
      'Wrong',
      'Short',
      'Retried',
      'Ambiguous POSTs',
      'Extra %',
      'p50 / p99 / max ms',
      'Errors p50 / max ms',
      'Last error after fault s',
      'after heal s',
    ],
    results.map(({ title, figures }) => [
      title,
      figures.sent,
      figures.lateness.p99.toFixed(0),
      answers(figures.outcomes),
      Object.values(figures.errors).join(' / '),
      figures.lost,
      figures.doubled,
      figures.wrong,
      figures.short,
      figures.retried,
      figures.ambiguous,
      figures.extraPercent.toFixed(2),
      spread(figures.latency, ['p50', 'p99', 'max']),
      spread(figures.errorLatency, ['p50', 'max']),
      (figures.errorsForMs / 1_000).toFixed(2),
      (figures.errorsAfterHealMs / 1_000).toFixed(2),
    ]),
  )

/** What became of the gateway itself. */
export const processTable = (results) =>
  table(
    ['Scenario', 'CPU % before', 'under the fault', 'idle', 'Descriptors left', 'MB', 'Exit'],
    results.map(({ title, figures: { process } }) => [
      title,
      process.cpuBefore,
      process.cpuUnderFault,
      process.cpuIdle,
      process.descriptorsLeft,
      process.megabytes,
      process.exit,
    ]),
  )

/** Whether the load was what it should have been. */
export const loadNote = ({ unsent, lateness }) =>
  `sent ${lateness.p99.toFixed(1)} ms late at most but for 1 %, ${lateness.max.toFixed(0)} ms at worst` +
  (unsent > 0 ? `; ${unsent} NOT SENT, as no connection became free` : '')

export const answers = (outcomes) =>
  Object.entries(outcomes)
    .toSorted(([a], [b]) => a.localeCompare(b))
    .map(([name, count]) => `${name}: ${count}`)
    .join(', ')

const spread = (numbers, names) => names.map((name) => numbers[name]?.toFixed(0) ?? '—').join(' / ')

export const table = (heading, rows) =>
  [heading, heading.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
