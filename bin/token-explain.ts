import { reportToken } from '../lib/explain.js'
import { printableJson } from '../lib/log.js'
import { parseCommandLine, type OwnOption } from './command-line.js'
import type { Command } from './command.js'
import { readToken, refuseTokenAmong } from './token-input.js'
import { gatewaySettings, readNow, SHARED_HELP, SHARED_OPTIONS } from './token-options.js'
import { REVOCATION_NOTE, tokenText } from './token-text.js'

const HELP = `usage: passport-gateway token explain [options] < TOKEN

Says what the gateway makes of a token: each check, and why one is refused; header, claims and
dates; the key; and what the service behind would get. The token comes on standard input alone;
"Bearer " before it is forgiven. Exits with 0 when it is accepted, with 1 when it is refused.
${REVOCATION_NOTE}

  --json               as JSON
${SHARED_HELP}`

const OWN_OPTIONS: readonly OwnOption[] = [...SHARED_OPTIONS, ['--json', 'boolean']]

/** `passport-gateway token explain`: says why a token is refused. */
export const runTokenExplain: Command = async (args, io) => {
  refuseTokenAmong(args)
  const commandLine = parseCommandLine(args, OWN_OPTIONS)
  if (commandLine.help) {
    io.stdout.write(HELP)
    return 0
  }
  const problems: string[] = []
  const nowSeconds = Math.floor(readNow(commandLine, problems) / 1000)
  const settings = gatewaySettings(commandLine, io, problems)
  const report = reportToken(settings, await readToken(io), nowSeconds)
  const isJson = commandLine.flags.get('--json') === 'true'
  io.stdout.write(isJson ? `${printableJson(report, 2)}\n` : tokenText(report))
  return report.accepted ? 0 : 1
}
