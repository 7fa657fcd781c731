// What a run came to, as Markdown and as JSON.
import { summary, table } from './figures.mjs'

/** Of one row: what each took, and what that is beside its targets. */
export const rowText = ({ title, figures, verdicts }) => {
  const parts = [`### ${title}\n`]
  if (figures) {
    const lines = [...figures].map(([name, { microseconds, perSecond }]) => [
      name,
      summary(microseconds, 1).text,
      summary(perSecond, 0).text,
    ])
    parts.push(table(['', 'µs of CPU a request: median (least to most)', 'requests/s'], lines))
  }
  parts.push(
    verdictTable(
      verdicts.map((verdict) => ['', verdict]),
      '',
    ),
  )
  return parts.join('\n')
}

/** All rows against their targets. */
export const summaryText = (results) =>
  verdictTable(
    results.flatMap(({ title, verdicts }) =>
      verdicts.filter(({ target }) => target).map((verdict) => [title, verdict]),
    ),
    'row',
  )

const verdictTable = (lines, first) => {
  const said = { true: 'yes', false: '**no**', undefined: '' }
  const cells = lines.map(([title, { what, text, target, isMet }]) => [
    ...(first ? [title] : []),
    what,
    text,
    target,
    said[isMet],
  ])
  return table(
    [...(first ? [first] : []), 'figure', 'median (least to most)', 'target', 'met'],
    cells,
  )
}

/** The same for programs. */
export const jsonOf = (about, results) =>
  `${JSON.stringify(
    {
      ...about,
      rows: results.map(({ name, title, figures, verdicts }) => ({
        name,
        title,
        ...(figures && { figures: Object.fromEntries(figures) }),
        verdicts,
      })),
    },
    undefined,
    2,
  )}\n`
