import { mintToken } from '../lib/mint.js'
import {
  parseCommandLine,
  repeatedValues,
  type CommandLine,
  type OwnOption,
} from './command-line.js'
import type { Command } from './command.js'
import { gatewaySettings, readNow, SHARED_HELP, SHARED_OPTIONS } from './token-options.js'

const HELP = `usage: passport-gateway token mint [options]

Makes a token for tests, with the first key of the ring and the claims that the gateway's own have,
and prints it. Nothing is checked: a token that is to be refused can be made too.

  --sub ID             whom it names [user_test]
  --email ADDRESS      claim email [none]
  --subscription PLAN  claim subscription [the first of signup.plans]
  --country CODE       claim country [ZZ]
  --platform NAME      claim platform [unknown]
  --expires-in SECONDS from iat to exp, negative for an expired one [3600, or --max-token-age-seconds]
  --claim NAME=JSON    any other claim, or one of these in its place; null takes it out. May be
                       repeated. A text has quotes: --claim 'role="admin"'
${SHARED_HELP}`

const OWN_OPTIONS: readonly OwnOption[] = [
  ...SHARED_OPTIONS,
  ['--sub', 'text'],
  ['--email', 'text'],
  ['--subscription', 'text'],
  ['--country', 'text'],
  ['--platform', 'text'],
  ['--expires-in', 'text'],
  ['--claim', 'repeated'],
]

/** `passport-gateway token mint`: makes a token for tests. */
export const runTokenMint: Command = async (args, io) => {
  const commandLine = parseCommandLine(args, OWN_OPTIONS)
  if (commandLine.help) {
    io.stdout.write(HELP)
    return 0
  }
  const { flags } = commandLine
  const problems: string[] = []
  const nowMs = readNow(commandLine, problems)
  const expiresInSeconds = readExpiresIn(commandLine, problems)
  const claims = readClaims(commandLine, problems)
  const settings = gatewaySettings(commandLine, io, problems)
  const holder = {
    userId: flags.get('--sub') ?? 'user_test',
    email: flags.get('--email') ?? null,
    subscription: flags.get('--subscription') ?? (settings.signup.plans[0] as string), // has one
    country: flags.get('--country') ?? 'ZZ',
    platform: flags.get('--platform') ?? 'unknown',
  }
  io.stdout.write(`${mintToken(settings, { holder, expiresInSeconds, claims }, nowMs)}\n`)
  return 0
}

const readExpiresIn = ({ flags }: CommandLine, problems: string[]): number | undefined => {
  const text = flags.get('--expires-in')
  if (text === undefined) return undefined
  if (!/^-?\d{1,12}$/.test(text)) problems.push('--expires-in: must be a whole number of seconds')
  return Number(text)
}

// What is wrong is told by its place: no value is repeated.
const readClaims = (commandLine: CommandLine, problems: string[]): Record<string, unknown> =>
  Object.fromEntries(
    repeatedValues(commandLine, '--claim').flatMap((text, i): Array<[string, unknown]> => {
      const [, name, json = ''] = /^([^=]+)=([^]*)$/.exec(text) ?? []
      const tell = (detail: string): [] => {
        problems.push(`--claim, entry ${i + 1}: ${detail}`)
        return []
      }
      if (name === undefined) return tell('must be NAME=JSON')
      try {
        return [[name, JSON.parse(json) as unknown]]
      } catch {
        return tell(`must be NAME=JSON; a text has quotes, as in 'role="admin"'`)
      }
    }),
  )
