import { parseArgs } from 'node:util'
import { DEFAULTS } from '../lib/defaults.js'
import { UsageError } from './command-line.js'

/** What `passport-gateway users` is told to do. */
export interface UsersCommandLine {
  verb: Verb
  /** The user, by id or e-mail; the file to import. */
  operand: string | undefined
  /** What is to be changed. */
  changes: Readonly<Record<string, string>>
  adminUrl: URL
  token: string
}

type Verb = keyof typeof VERBS

const VERBS = {
  list: { operand: 'none' },
  show: { operand: 'user' },
  set: { operand: 'user' },
  disable: { operand: 'user' },
  enable: { operand: 'user' },
  delete: { operand: 'user' },
  import: { operand: 'file' },
} as const satisfies Record<string, { operand: 'none' | 'user' | 'file' }>

const CHANGES = ['subscription', 'country', 'platform'] as const
const { admin } = DEFAULTS

export const USERS_HELP = `usage: passport-gateway users list
       passport-gateway users show <id-or-email>
       passport-gateway users set <id-or-email> [--subscription X] [--country X] [--platform X]
       passport-gateway users disable | enable | delete <id-or-email>
       passport-gateway users import [file]

Manages the users of a running gateway. list prints one JSON object a line, import reads such lines
(from standard input where no file is named): email and password_hash, and as they are known user_id,
subscription, country, platform and disabled.

  --admin-url   the gateway's admin listener [http://${admin.host}:${admin.port}] (ADMIN_URL)
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
  const { 'admin-url': given = env['ADMIN_URL'] || DEFAULT_URL } = values
  const adminUrl = parseAdminUrl(String(given))
  if (!adminUrl) problems.push('--admin-url or ADMIN_URL: must be http://host[:port]')
  const { ADMIN_TOKEN: token = '' } = env
  if (token === '') problems.push("ADMIN_TOKEN is missing: set it to the gateway's")
  else if (!/^[\x21-\x7e]+$/.test(token)) problems.push('ADMIN_TOKEN: must be visible characters')
  if (problems.length > 0) throw new UsageError(problems)
  return { verb: verb as Verb, operand, changes, adminUrl: adminUrl as URL, token } // no problems
}

const OPTIONS = {
  'admin-url': { type: 'string' },
  help: { type: 'boolean', short: 'h' },
  subscription: { type: 'string' },
  country: { type: 'string' },
  platform: { type: 'string' },
} as const

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
  const isChange = CHANGES.some((change) => change === name)
  if (!Object.hasOwn(OPTIONS, name) || (isChange && verb !== 'set'))
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

const parseAdminUrl = (text: string): URL | undefined => {
  try {
    const url = new URL(text)
    const { protocol, username, password, search, hash } = url
    const isPlain = username + password + search + hash === ''
    return isPlain && (protocol === 'http:' || protocol === 'https:') ? url : undefined
  } catch {
    return undefined
  }
}

const DEFAULT_URL = `http://${admin.host}:${admin.port}`
