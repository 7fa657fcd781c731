import { parseArgs } from 'node:util'
import { DEFAULT_ADMIN_URL, parseAdminAddress, type AdminAddress } from './admin-address.js'
import { UsageError } from './command-line.js'
import { FOREIGN_SYSTEMS, isForeignSystem, type ForeignSystem } from './foreign-users.js'

/** What `passport-gateway users` is told to do. */
export interface UsersCommandLine extends AdminAddress {
  verb: Verb
  /** The user, by id or e-mail; the file to import from, or to export to. */
  operand: string | undefined
  /** Where an export goes on. */
  after: string | undefined
  /** The system that the rows to import are of; `undefined` for those of a gateway. */
  from: ForeignSystem | undefined
  /** What is to be changed. */
  changes: Readonly<Record<string, string>>
}

type Verb = keyof typeof VERBS

const VERBS = {
  list: { operand: 'none' },
  show: { operand: 'user' },
  set: { operand: 'user' },
  disable: { operand: 'user' },
  enable: { operand: 'user' },
  delete: { operand: 'user' },
  export: { operand: 'file' },
  import: { operand: 'file' },
} as const satisfies Record<string, { operand: 'none' | 'user' | 'file' }>

const CHANGES = ['subscription', 'country', 'platform'] as const

export const USERS_HELP = `usage: passport-gateway users list
       passport-gateway users show <id-or-email>
       passport-gateway users set <id-or-email> [--subscription X] [--country X] [--platform X]
       passport-gateway users disable | enable | delete <id-or-email>
       passport-gateway users export [file] [--after CURSOR]
       passport-gateway users import [file] [--from SYSTEM]

Manages the users of a running gateway. list prints one JSON object a line. export writes such lines
with password_hash, to a file that only you can read or to standard output; import reads them, from
standard input where no file is named: email and password_hash, and as they are known user_id,
subscription, country, platform, disabled and created_at (Unix seconds). Whoever is there already
exactly so is unchanged: an import can be run again.

  --after       go on with an export where it broke off, as it said; a file is added to
  --from        import lines of another system: ${FOREIGN_SYSTEMS.join(', ')}
  --admin-url   the gateway's admin listener [${DEFAULT_ADMIN_URL}] (ADMIN_URL)
  --help, -h    this text

ADMIN_TOKEN, in the environment alone, is the token of the gateway.
`

/**
 * Reads the arguments behind `users`; `undefined` when they ask for help.
 * @throws UsageError with everything that is wrong
 */
export const parseUsersCommandLine = (
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): UsersCommandLine | undefined => {
  const { values, positionals, tokens } = parseArgs({
    args: [...args],
    options: OPTIONS,
    strict: false,
    allowPositionals: true,
    tokens: true,
  })
  if (values['help']) return undefined
  const [verb, operand, ...more] = positionals
  const problems: string[] = []
  const isVerb = verb !== undefined && Object.hasOwn(VERBS, verb)
  if (verb === undefined) problems.push('say what to do')
  else if (!isVerb) problems.push('the first word says what to do: one of those below')
  else problems.push(...operandProblems(verb as Verb, operand, more))
  for (const token of tokens)
    if (token.kind === 'option') problems.push(...optionProblems(token, verb))
  const changes = changesOf(values)
  if (verb === 'set' && Object.keys(changes).length === 0)
    problems.push('set: say what: --subscription, --country or --platform')
  const { after, from } = values
  if (typeof from === 'string' && !isForeignSystem(from))
    problems.push(`--from: must be one of: ${FOREIGN_SYSTEMS.join(', ')}`)
  const { adminUrl, token } = parseAdminAddress(values['admin-url'], env, problems)
  if (token === undefined) problems.push("ADMIN_TOKEN is missing: set it to the gateway's")
  if (problems.length > 0) throw new UsageError(problems)
  return {
    verb: verb as Verb, // no problems
    operand,
    changes,
    after: after as string | undefined,
    from: from as ForeignSystem | undefined,
    adminUrl,
    token,
  }
}

const OPTIONS = {
  'admin-url': { type: 'string' },
  help: { type: 'boolean', short: 'h' },
  subscription: { type: 'string' },
  country: { type: 'string' },
  platform: { type: 'string' },
  after: { type: 'string' },
  from: { type: 'string' },
} as const

/** The verb that an option is for; the others are for all. */
const VERB_OF: ReadonlyMap<string, Verb> = new Map<string, Verb>([
  ...CHANGES.map((name) => [name, 'set'] as const),
  ['after', 'export'],
  ['from', 'import'],
])

const operandProblems = (
  verb: Verb,
  operand: string | undefined,
  more: readonly string[],
): string[] => {
  const { operand: kind } = VERBS[verb]
  if (kind === 'user' && !operand) return [`${verb}: name the user, by id or e-mail`]
  const surplus = kind === 'none' ? operand : more[0]
  return surplus === undefined ? [] : [`${verb}: there is one thing too many`]
}

const optionProblems = (
  { name, rawName, value }: { name: string; rawName: string; value?: string | undefined },
  verb: string | undefined,
): string[] => {
  if (name === 'admin-token') return [`${rawName}: a secret is never a flag; set ADMIN_TOKEN`]
  if (!Object.hasOwn(OPTIONS, name) || (VERB_OF.get(name) ?? verb) !== verb)
    return [`${rawName}: is no option here`]
  return value ? [] : [`${rawName}: needs a value`]
}

const changesOf = (values: Readonly<Record<string, unknown>>): Record<string, string> =>
  Object.fromEntries(
    CHANGES.flatMap((name) => {
      const value = values[name]
      return typeof value === 'string' ? [[name, value]] : []
    }),
  )
