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
  --tokens N        of the row tokens, in as many rounds as they are used up in (1000000)
  --users N         of the row filled (1000000)
  --megabytes N     of the row download, in a round (1000)
  --connections N   of the row idle (5000)
  --svg FILE        draw the row get there
  --json FILE       write all figures there
  --smoke           look in half a minute whether anything is much too slow, and exit with 1 then
  --help            this text
`

const OPTIONS = {
  only: { type: 'string' },
  rivals: { type: 'string' },
  rounds: { type: 'string', default: '7' },
  seconds: { type: 'string', default: '2' },
  tokens: { type: 'string', default: '1000000' },
  users: { type: 'string', default: '1000000' },
  megabytes: { type: 'string', default: '1000' },
  connections: { type: 'string', default: '5000' },
  svg: { type: 'string' },
  json: { type: 'string' },
  smoke: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
}

const NUMBERS = ['rounds', 'seconds', 'tokens', 'users', 'megabytes', 'connections']

/** As they were given, with the rows that were asked for. */
export const parseOptions = () => {
  const { values } = parseArgs({ options: OPTIONS })
  const numbers = Object.fromEntries(NUMBERS.map((name) => [name, numberOf(name, values[name])]))
  return {
    ...values,
    ...numbers,
    rivals: values.rivals?.split(','),
    rows: rowsOf(values.only?.split(',')),
  }
}

const numberOf = (name, text) => {
  const number = Number(text)
  if (!Number.isInteger(number) || number < 1) throw new RangeError(`--${name}: no number: ${text}`)
  return number
}

const rowsOf = (names) => {
  const unknown = names?.filter((name) => !ROWS.some((row) => row.name === name)) ?? []
  if (unknown.length > 0) throw new RangeError(`unknown: ${unknown.join(', ')}; there are ${NAMES}`)
  return ROWS.filter(({ name }) => !names || names.includes(name))
}
