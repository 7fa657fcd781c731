import { randomBytes } from 'node:crypto'
import { systemClock } from '../lib/clock.js'
import { UsageError } from './command-line.js'
import type { Command } from './command.js'

const HELP = `usage: passport-gateway secret [--ring]

Prints a fresh secret: 32 random bytes, as base64url.

  --ring      as a ring of one, for --jwt-secrets-file: [{"kid": "<today>-<4 digits>", "secret": "…"}]
  --help, -h  this text
`

/** `passport-gateway secret`: prints a fresh secret. */
export const runSecret: Command = async (args, { stdout }) => {
  stdout.write(textFor(args))
  return 0
}

const textFor = ([option, ...others]: readonly string[]): string => {
  if (option === '--help' || option === '-h') return HELP
  const secret = randomBytes(32).toString('base64url')
  if (option === undefined) return `${secret}\n`
  if (option !== '--ring' || others.length > 0)
    throw new UsageError(['secret: takes --ring or --help, and nothing else'])
  const today = new Date(systemClock.now()).toISOString().slice(0, 10)
  const kid = `${today}-${randomBytes(2).toString('hex')}` // two of one day are two
  return `${JSON.stringify([{ kid, secret }])}\n`
}
