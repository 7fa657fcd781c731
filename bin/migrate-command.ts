import { randomBytes } from 'node:crypto'
import { configuredStore } from '../lib/configured-stores.js'
import type { Engine, StoreError } from '../lib/stores/engine.js'
import { parseCommandLine, UsageError, type OwnOption } from './command-line.js'
import type { Command, CommandIo } from './command.js'
import { resolveSettings } from './settings.js'

const HELP = `usage: passport-gateway migrate [--dry-run] [--store URL] [--ephemeral-store URL]

Brings the schema of the store up to date, as the gateway does at its start: for whoever lets another
user than the gateway's do so.

  --dry-run            print what would be run, and change nothing
  --config FILE        JSON file with the gateway's options
  --help, -h           this text

Of the gateway's options those about stores matter, given as it is given them: STORE_URL,
EPHEMERAL_STORE_URL, --store-tls-ca-file and the like. Whatever is printed is SQL; what Redis would run
is in comments.
`

const OPTIONS: readonly OwnOption[] = [
  ['--config', 'text'],
  ['--dry-run', 'boolean'],
  ['--help', 'boolean'],
]

/** `passport-gateway migrate`: brings the schema of the stores up to date. */
export const runMigrate: Command = async (args, io) => {
  const commandLine = parseCommandLine(args, OPTIONS)
  if (commandLine.help) {
    io.stdout.write(HELP)
    return DONE
  }
  // A gateway needs them; the schema does not.
  const stopgaps = new Map([
    ['upstream', 'http://127.0.0.1:9'],
    ['jwtSecret', randomBytes(32).toString('base64url')],
  ])
  const settings = resolveSettings({ commandLine, env: io.env, stopgaps, only: OPTIONS_OF_STORES })
  const stores = NAMES.flatMap((name) => {
    const engine = configuredStore(settings, name, () => {})
    return engine ? [{ name, engine }] : []
  })
  if (stores.length === 0)
    throw new UsageError(['migrate: say which store: --store or STORE_URL; memory has no schema'])
  const isDry = commandLine.flags.get('--dry-run') === 'true'
  let status = DONE
  for (const { name, engine } of stores)
    if (!(await migrate(name, engine, isDry, io))) status = FAILED
  return status
}

const OPTIONS_OF_STORES = [
  'store',
  'ephemeralStore',
  'allowVolatileStore',
  'storeTls',
  'timeouts.storeMs',
  'limits.storeConnections',
]
const NAMES = ['store', 'ephemeralStore'] as const
const DONE = 0
const FAILED = 1

/** Whether it could be done. */
const migrate = async (
  name: string,
  engine: Engine,
  isDry: boolean,
  { stdout, stderr }: CommandIo,
): Promise<boolean> => {
  const work = async (): Promise<boolean> => {
    const pending = await engine.pending()
    if (isDry) stdout.write(`-- ${name} (${engine.name})\n${dryText(engine, pending)}`)
    else {
      await engine.open()
      const outcome = pending === '' ? 'was up to date' : 'is up to date now'
      stdout.write(`${name} (${engine.name}): the schema ${outcome}\n`)
    }
    return true
  }
  const isDone = await work().catch(({ message }: StoreError) => {
    stderr.write(`passport-gateway: migrate: ${name}: ${message}\n`)
    return false
  })
  await engine.close()
  return isDone
}

/** What would be run, as SQL: whoever pipes it to a database runs nothing that is meant for another. */
const dryText = ({ name }: Engine, pending: string): string => {
  if (pending === '') return '-- nothing to do\n'
  return name === 'redis' ? pending.trimEnd().replaceAll(/^/gm, '-- ') + '\n' : pending
}
