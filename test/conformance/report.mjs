// The table that is printed, and the details for those who doubt a cell.

const LEVELS = { MUST: 'MUST', SHOULD: 'SHOULD', feature: '—' }

/** A markdown table; `columns` are `{ name, results }`, a result for each of `cases`. */
export const markdownTable = (cases, columns) => {
  const rows = cases.map(({ name, spec, level, id }) => [
    name,
    spec,
    LEVELS[level],
    ...columns.map(({ results }) => cell(results.get(id))),
  ])
  const heading = ['Behaviour', 'Where', 'Level', ...columns.map(titleOf)]
  const rule = heading.map(() => '---')
  return [heading, rule, ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

/** One line a contender: how many of the rows of each level it passes. */
export const summary = (cases, columns) =>
  columns
    .map(({ name, results }) => {
      const counts = Object.entries(LEVELS).map(([level, label]) => {
        const rows = cases.filter((row) => row.level === level)
        const passed = rows.filter(({ id }) => results.get(id).passed)
        return `${label} ${passed.length}/${rows.length}`
      })
      return `${name}: ${counts.join(', ')}`
    })
    .join('\n')

/** The cases of this level that a contender fails. */
export const failed = (cases, { results }, level) =>
  cases.filter((row) => row.level === level && !results.get(row.id).passed)

export const isPassedByAll = ({ id }, columns) =>
  columns.every(({ results }) => results.get(id).passed)

/** Everything that was sent and seen, without the values of the fields that a proxy demands. */
export const details = (cases, columns) => {
  const contenders = columns.map(({ name, results }) => [name, Object.fromEntries(results)])
  const rows = cases.map(({ id, name, spec, level }) => ({ id, name, spec, level }))
  const text = JSON.stringify(
    { cases: rows, contenders: Object.fromEntries(contenders) },
    shortened,
    2,
  )
  const secrets = columns.flatMap((column) => column.secrets)
  return secrets.reduce((rest, secret) => rest.replaceAll(secret, '…'), text)
}

const titleOf = ({ name, version }) => `${name} ${version}`.trim()

const cell = ({ passed, note }) => {
  const word = passed ? 'yes' : 'no'
  return note === undefined || note === ''
    ? word
    : `${word} (${String(note).replaceAll('|', '\\|')})`
}

const shortened = (_key, value) =>
  typeof value === 'string' && value.length > 2_000
    ? `${value.slice(0, 2_000)}… (${value.length} bytes)`
    : value
