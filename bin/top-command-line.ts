import { parseArgs } from 'node:util'
import { DEFAULT_ADMIN_URL, parseAdminAddress, type AdminAddress } from './admin-address.js'
import { UsageError } from './command-line.js'

/** What `passport-gateway top` is told to do. */
export interface TopCommandLine extends AdminAddress {
  /** After how many frames it ends. */
  count: number
}

export const TOP_HELP = `usage: passport-gateway top [--count N] [--admin-url URL]

Shows how a running gateway does, second by second: requests and how long they take, targets, and what
is refused. On a terminal it fills the screen until q or Ctrl-C; elsewhere it writes one frame of
text behind the other.

  --count N     end after so many frames
  --admin-url   the gateway's admin listener [${DEFAULT_ADMIN_URL}] (ADMIN_URL)
  --help, -h    this text

ADMIN_TOKEN, in the environment alone, is the token of the gateway, if it has one. NO_COLOR turns
colours off.
`

/**
 * Reads the arguments behind `top`; `undefined` when they ask for help.
 * @throws UsageError with everything that is wrong
 */
export const parseTopCommandLine = (
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): TopCommandLine | undefined => {
  const { values, tokens } = parseArgs({
    args: [...args],
    options: OPTIONS,
    strict: false,
    allowPositionals: true,
    tokens: true,
  })
  if (values['help']) return undefined
  const problems: string[] = []
  for (const token of tokens) {
    if (token.kind === 'positional')
      problems.push('there are only options, each with its name (--count N)')
    if (token.kind !== 'option') continue
    const { name, rawName, value } = token
    if (name === 'admin-token')
      problems.push(`${rawName}: a secret is never a flag; set ADMIN_TOKEN`)
    else if (!Object.hasOwn(OPTIONS, name)) problems.push(`${rawName}: is no option here`)
    else if (!value) problems.push(`${rawName}: needs a value`)
  }
  const { count = Infinity, 'admin-url': given } = values
  if (typeof count === 'string' && !/^[1-9]\d{0,8}$/.test(count))
    problems.push('--count: must be a whole number from 1 on')
  const { adminUrl, token } = parseAdminAddress(given, env, problems)
  if (problems.length > 0) throw new UsageError(problems)
  return { count: Number(count), adminUrl, token }
}

const OPTIONS = {
  count: { type: 'string' },
  'admin-url': { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const
