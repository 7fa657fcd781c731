import { parseArgs } from 'node:util'
import { envOfSecret, listOptions, type OptionRow } from '../lib/option-list.js'

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
  /** What is wrong with the arguments. */
  problems: readonly string[]
}

/** An option beside those of the gateway; one that is `repeated` is read by `repeatedValues`. */
export type OwnOption = readonly [flag: string, kind: OptionRow['kind'] | 'repeated']

/** Reads the options of the gateway, and those of a command that has `own` ones. */
export const parseCommandLine = (
  args: readonly string[],
  own: readonly OwnOption[] = COMMAND_KINDS,
): CommandLine => {
  const kinds = new Map<string, OwnOption[1]>(own)
  for (const { flag, kind } of listOptions()) if (flag !== '') kinds.set(flag, kind)
  const options = Object.fromEntries(
    [...kinds].map(([flag, kind]) => [
      flag.slice(2),
      { type: kind === 'boolean' ? ('boolean' as const) : ('string' as const) },
    ]),
  )
  const { tokens } = parseArgs({
    args: args.map((arg) => SHORT.get(arg) ?? arg),
    options,
    strict: false,
    tokens: true,
  })
  const flags = new Map<string, string>()
  const problems: string[] = []
  for (const token of tokens) {
    if (token.kind === 'positional') problems.push(NO_POSITIONALS)
    if (token.kind !== 'option') continue
    const { rawName, value } = token
    const kind = kinds.get(rawName)
    if (kind === undefined) problems.push(unknownOption(rawName))
    else if (value === undefined && kind !== 'boolean') problems.push(`${rawName}: needs a value`)
    else if (!flags.has(rawName)) flags.set(rawName, value ?? 'true')
    else if (kind === 'list') flags.set(rawName, `${flags.get(rawName)},${value}`)
    else if (kind === 'repeated') flags.set(rawName, `${flags.get(rawName)}${JOINT}${value}`)
    else problems.push(`${rawName}: is given twice`)
  }
  const isOn = (flag: string): boolean => flags.get(flag) === 'true'
  const config = flags.get('--config')
  if (config === '') problems.push('--config: must name a file')
  return {
    config: config || undefined,
    check: isOn('--check'),
    demo: isOn('--demo'),
    help: isOn('--help'),
    version: isOn('--version'),
    flags,
    problems,
  }
}

// No argument of a process can hold it.
const JOINT = '\0'

/** Each value of an option that may be given several times. */
export const repeatedValues = ({ flags }: CommandLine, flag: string): string[] =>
  flags.get(flag)?.split(JOINT) ?? []

const COMMAND_KINDS = [
  ['--config', 'text'],
  ['--check', 'boolean'],
  ['--demo', 'boolean'],
  ['--help', 'boolean'],
  ['--version', 'boolean'],
] as const

const SHORT: ReadonlyMap<string, string> = new Map([
  ['-h', '--help'],
  ['-v', '--version'],
])

const NO_POSITIONALS =
  'there are only options, each with its name (--upstream URL); a switch is turned off by =false'

const unknownOption = (rawName: string): string => {
  const env = envOfSecret(
    rawName.slice(2).replace(/-(.)/g, (_, letter: string) => letter.toUpperCase()),
  )
  return env === undefined
    ? `${rawName}: is no option; --help lists what there is`
    : `${rawName}: a secret is never a flag, which others can see; set ${env}`
}

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
       passport-gateway migrate         bring the schema of the store up to date
       passport-gateway secret          print a fresh secret
       passport-gateway token           say why a token is refused, or make one for tests
       passport-gateway top             show how a running gateway does, second by second
       passport-gateway users           manage the users of a running gateway

Verifies a JWT once and hands every service behind it a passport. A flag wins over the
environment (in parentheses), the environment over the file of --config. Lists are separated by
commas; a switch is turned off by =false.

${lines.join('\n')}
`
}

const COMMAND_ROWS: ReadonlyArray<[string, string]> = [
  ['--config', 'JSON file with the options below, nested: {"timeouts":{"connectMs":3000}}'],
  ['--check', 'say whether the options are valid, and exit'],
  ['--demo', 'supply what is missing: an echo service and a secret for this run'],
  ['--help, -h', 'this text'],
  ['--version, -v', 'the version'],
]
