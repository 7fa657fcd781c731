// What the bench can be told.
import { parseArgs } from 'node:util'
import { ROWS } from './rows/index.mjs'

const NAMES = ROWS.map(({ name }) => name).join(', ')

export const HELP = `usage: npm run bench -- [options]

Measures the gateway that is built, doing its whole job, and what is there of its rivals: those of npm are
installed in test/bench, nginx and haproxy are left out where they are missing, as wrk is, whose place a
client in node takes.

  --only NAMES      of ${NAMES}; separated by commas
  --rivals NAMES    of the row get, beside the gateway; separated by commas
  --rounds N        of all in turns (7)
  --seconds N       of each in a round, after as many to get going (2)
  --json FILE       write all figures there
  --help            this text
`

const OPTIONS = {
  only: { type: 'string' },
  rivals: { type: 'string' },
  rounds: { type: 'string', default: '7' },
  seconds: { type: 'string', default: '2' },
  json: { type: 'string' },
  help: { type: 'boolean', default: false },
}

/** As they were given, with the rows that were asked for. */
export const parseOptions = () => {
  const { values } = parseArgs({ options: OPTIONS })
  return {
    ...values,
    rounds: Number(values.rounds),
    seconds: Number(values.seconds),
    rivals: values.rivals?.split(','),
    rows: rowsOf(values.only?.split(',')),
  }
}

const rowsOf = (names) => {
  const unknown = names?.filter((name) => !ROWS.some((row) => row.name === name)) ?? []
  if (unknown.length > 0) throw new Error(`unknown: ${unknown.join(', ')}; there are ${NAMES}`)
  return ROWS.filter(({ name }) => !names || names.includes(name))
}
