import type { Command } from './command.js'
import { runMigrate } from './migrate-command.js'
import { runSecret } from './secret-command.js'
import { runToken } from './token-command.js'
import { runTop } from './top-command.js'
import { runUsers } from './users-command.js'

/** Commands beside the gateway itself, by their name. */
export const COMMANDS: ReadonlyMap<string, Command> = new Map<string, Command>([
  ['migrate', runMigrate],
  ['secret', runSecret],
  ['token', runToken],
  ['top', runTop],
  ['users', runUsers],
])
