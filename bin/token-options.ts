import { systemClock } from '../lib/clock.js'
import type { Settings } from '../lib/config.js'
import type { CommandLine, OwnOption } from './command-line.js'
import type { CommandIo } from './command.js'
import { resolveSettings } from './settings.js'

/** What both commands about tokens take. */
export const SHARED_OPTIONS: readonly OwnOption[] = [
  ['--config', 'text'],
  ['--now', 'text'],
  ['--help', 'boolean'],
]

/** The part of `--help` that both have. */
export const SHARED_HELP = `  --now SECONDS        as of another moment, in Unix seconds
  --config FILE        JSON file with the gateway's options
  --help, -h           this text

Of the gateway's options these matter, given as it is given them: JWT_SECRET, JWT_SECRETS or
--jwt-secrets-file, and --issuer, --audience, --tolerance-seconds, --max-token-age-seconds.
`

/**
 * The options of the gateway, from wherever it has them; a service behind is not needed.
 * @throws UsageError with every problem, those of the command's own among them
 */
export const gatewaySettings = (
  commandLine: CommandLine,
  { env }: Pick<CommandIo, 'env'>,
  problems: readonly string[],
): Settings => {
  const all = { ...commandLine, problems: [...commandLine.problems, ...problems] }
  return resolveSettings({ commandLine: all, env, stopgaps: new Map([['upstream', NOWHERE]]) })
}

const NOWHERE = 'http://127.0.0.1:9' // nothing is sent

/** The moment of `--now`, or the present, in Unix milliseconds. */
export const readNow = ({ flags }: CommandLine, problems: string[]): number => {
  const text = flags.get('--now')
  if (text === undefined) return systemClock.now()
  const seconds = /^\d{1,12}$/.test(text) ? Number(text) : Infinity
  if (seconds > LAST_SECONDS) problems.push('--now: must be Unix seconds, up to the year 9999')
  return seconds * 1000
}

const LAST_SECONDS = 253_402_300_799
