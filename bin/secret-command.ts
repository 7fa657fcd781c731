import { randomBytes } from 'node:crypto'
import { UsageError } from './command-line.js'
import type { CommandIo } from './command.js'

/** `passport-gateway secret`: prints a fresh secret of 32 random bytes, as base64url. */
export const runSecret = async (
  args: readonly string[],
  { stdout }: CommandIo,
): Promise<number> => {
  if (args.length > 0) throw new UsageError(['secret: takes no arguments'])
  stdout.write(`${randomBytes(32).toString('base64url')}\n`)
  return 0
}
