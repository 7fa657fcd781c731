import type { Command } from './command.js'

/** Commands beside the gateway itself, by their name; each is loaded when it is called. */
export const COMMANDS: ReadonlyMap<string, Command> = new Map<string, Command>([
  ['migrate', async (...of) => (await import('./migrate-command.js')).runMigrate(...of)],
  ['secret', async (...of) => (await import('./secret-command.js')).runSecret(...of)],
  ['token', async (...of) => (await import('./token-command.js')).runToken(...of)],
  ['top', async (...of) => (await import('./top-command.js')).runTop(...of)],
  ['users', async (...of) => (await import('./users-command.js')).runUsers(...of)],
])
