import { UsageError } from './command-line.js'
import type { Command } from './command.js'
import { runTokenExplain } from './token-explain.js'
import { runTokenMint } from './token-mint.js'

const HELP = `usage: passport-gateway token explain [options] < TOKEN
       passport-gateway token mint [options]

  explain     says what the gateway makes of a token, and why it is refused
  mint        makes a token for tests

Each has a --help of its own.
`

const COMMANDS: ReadonlyMap<string, Command> = new Map([
  ['explain', runTokenExplain],
  ['mint', runTokenMint],
])

/** `passport-gateway token`: what a person has to do with tokens. */
export const runToken: Command = async ([name = '', ...args], io) => {
  const command = COMMANDS.get(name)
  if (command) return command(args, io)
  if (name !== '--help' && name !== '-h')
    throw new UsageError(['token: say explain or mint; token --help tells of both'])
  io.stdout.write(HELP)
  return 0
}
