import { parseArgs } from 'node:util'
import { listOptions } from '../lib/option-list.js'

/** Wrong use of the command: each line says what is wrong and where it came from. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
  readonly lines: readonly string[]

  constructor(lines: readonly string[]) {
    super(lines.join('\n'))
    this.lines = lines
  }
}

export interface CommandLine {
  /** The path of a JSON file with options. */
  config: string | undefined
  /** Only say whether the options are valid. */
  check: boolean
  /** Supply what is missing: a service behind that echoes, and a secret for this run. */
  demo: boolean
  help: boolean
  version: boolean
  /** Options of the gateway by their flag, as they were typed. */
  flags: ReadonlyMap<string, string>
}

/** @throws UsageError for a flag that is not known or lacks its value */
export const parseCommandLine = (args: readonly string[]): CommandLine => {
  const rows = listOptions().filter(({ flag }) => flag !== '')
  const known = Object.fromEntries(
    rows.map(({ flag, kind }) => [
      flag.slice(2),
      { type: kind === 'boolean' ? ('boolean' as const) : ('string' as const) },
    ]),
  )
  try {
    const { values } = parseArgs({ args: [...args], options: { ...known, ...COMMANDS } })
    const { config, check, demo, help, version, ...flags } = values
    return {
      config,
      check: check === true,
      demo: demo === true,
      help: help === true,
      version: version === true,
      flags: new Map(Object.entries(flags).map(([name, value]) => [`--${name}`, String(value)])),
    }
  } catch (error) {
    const [sentence = ''] = (error as Error).message.split('. ')
    throw new UsageError([`${sentence.replace(/\.$/, '')}; --help lists what there is`])
  }
}

const COMMANDS = {
  config: { type: 'string' },
  check: { type: 'boolean' },
  demo: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'v' },
} as const

/** The text of `--help`. */
export const helpText = (): string => {
  const rows = [
    ...COMMAND_ROWS,
    ...listOptions().map((row): [string, string] => {
      const fallback = [row.fallback ?? []].flat().join(',')
      const unit = row.unit && `, in ${row.unit}`
      return [
        row.flag || '(no flag)',
        `${row.description}${unit}${fallback && ` [${fallback}]`} (${row.env})`,
      ]
    }),
  ]
  const lines = rows.map(([flag, text]) => `  ${flag.padEnd(36)} ${text}`)
  return `usage: passport-gateway [options]

Verifies a JWT once and hands every service behind it a passport. A flag wins over the
environment (in parentheses), the environment over the file of --config.

${lines.join('\n')}
`
}

const COMMAND_ROWS: ReadonlyArray<[string, string]> = [
  ['--config', 'JSON file with options, as createGateway takes them'],
  ['--check', 'say whether the options are valid, and exit'],
  ['--demo', 'supply what is missing: an echo service and a secret for this run'],
  ['--help, -h', 'this text'],
  ['--version, -v', 'the version'],
]
