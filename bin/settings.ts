import type { ConfigError, ConfigProblem } from '../lib/config-error.js'
import { parseSettings, type Settings } from '../lib/config.js'
import { exposedPassword, listOptions, type OptionRow } from '../lib/option-list.js'
import { UsageError, type CommandLine } from './command-line.js'
import { readConfigFile, type Json } from './config-file.js'

export interface Sources {
  commandLine: CommandLine
  env: Readonly<Record<string, string | undefined>>
  /** What stands in for an option that nobody gave, by its name. */
  stopgaps: ReadonlyMap<string, string>
  /** The options that are looked at, or groups of them. Default: all. */
  only?: readonly string[]
  /** Is told where the value of each option came from that somebody gave. */
  note?: (option: string, source: string) => void
}

/**
 * Merges flags, environment and file, in this order of precedence.
 * @throws UsageError with every problem, each with the place it came from
 */
export const resolveSettings = ({ commandLine, env, stopgaps, only, note }: Sources): Settings => {
  const { config, flags } = commandLine
  const file = config === undefined ? { settings: {}, problems: [] } : readConfigFile(config)
  const settings = only ? pick(file.settings, only) : file.settings
  const matters = (name: string): boolean =>
    only?.some((asked) => name === asked || name.startsWith(`${asked}.`)) ?? true
  const sourceOf = new Map<string, string>()
  const unread: string[] = []
  const empty: string[] = []
  const isFileUnusable = file.problems.length > 0 && Object.keys(file.settings).length === 0
  for (const row of listOptions()) {
    if (!matters(row.name)) continue
    const flag = flags.get(row.flag)
    if (flag === undefined && env[row.env] === '' && STORES.has(row.name))
      empty.push(`${row.env}: ${EMPTY_STORE}`)
    const text = flag ?? (env[row.env] || undefined) // an empty variable is none
    if (text === undefined) {
      if (isGiven(file.settings, row.name)) note?.(row.name, `file ${config}`)
      continue
    }
    const source = flag === undefined ? row.env : row.flag
    const value = parseText(text, row)
    const exposed = flag === undefined ? undefined : exposedPassword(row.name, value)
    if (value === NOT_JSON) unread.push(`${source}: is not JSON`)
    else if (exposed !== undefined) unread.push(`${source}: ${exposed}`)
    else if (place(settings, row.name, value)) {
      sourceOf.set(row.name, source)
      note?.(row.name, flag === undefined ? `variable ${source}` : `flag ${source}`)
    }
  }
  for (const [name, value] of stopgaps) if (isWanting(settings, name)) settings[name] = value
  const lines = [...commandLine.problems, ...file.problems, ...unread, ...empty]
  try {
    const parsed = parseSettings(settings)
    if (lines.length === 0) return parsed
  } catch (error) {
    const { problems } = error as ConfigError // it throws no other
    // What could not be read may have named a service.
    const isHalf = isFileUnusable || unread.length > 0
    const told = problems.filter(
      ({ option }) => !(isHalf && settings[option] === undefined && option === 'upstream'),
    )
    lines.push(...told.map(createTell(settings, sourceOf, config)))
  }
  throw new UsageError(lines)
}

// Whoever meant a store would otherwise have all in memory, and lose it.
const STORES: ReadonlySet<string> = new Set(['store', 'ephemeralStore'])
const EMPTY_STORE = 'is empty: set it to the URL of a store, or do not set it'

// What cannot be read as its kind stays text, for the schema to refuse.
const parseText = (text: string, { kind }: OptionRow): unknown => {
  if (kind === 'integer') return /^\d{1,16}$/.test(text) ? Number(text) : text
  if (kind === 'number') return /^\d{1,16}(\.\d{1,16})?$/.test(text) ? Number(text) : text
  if (kind === 'boolean') return text === 'true' || (text === 'false' ? false : text)
  if (kind === 'json') return parseJson(text)
  return kind === 'list' ? text.split(',').map((part) => part.trim()) : text
}

const NOT_JSON = Symbol('not JSON')

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return NOT_JSON
  }
}

/** Whether nobody gave an option, nor what can stand in its place. */
const isWanting = (settings: Json, name: string): boolean => {
  const { jwtSecrets, jwtSecretsFile, routes } = settings
  if (settings[name] !== undefined) return false
  if (name === 'jwtSecret') return jwtSecrets === undefined && jwtSecretsFile === undefined
  const isRoot = (route: unknown): boolean => isObject(route) && route['path'] === '/'
  return !(Array.isArray(routes) && routes.some(isRoot))
}

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null

/** Puts a value at a dotted path; `false` where something that is no group stands in the way. */
const place = (settings: Json, name: string, value: unknown): boolean => {
  const path = name.split('.')
  const last = path.pop() as string // split gives at least one
  let group = settings
  for (const step of path) {
    const next = (group[step] ??= {})
    if (!isObject(next)) return false
    group = next
  }
  group[last] = value
  return true
}

const isGiven = (settings: Json, name: string): boolean =>
  Object.keys(pick(settings, [name])).length > 0

/** What settings say of some options, or groups of them, alone. */
const pick = (settings: Json, names: readonly string[]): Json => {
  const picked: Json = {}
  for (const name of names) {
    let value: unknown = settings
    for (const step of name.split('.')) value = isObject(value) ? value[step] : undefined
    if (value !== undefined) place(picked, name, value)
  }
  return picked
}

type Tell = (problem: ConfigProblem) => string

/** Builds what says of a problem where its value came from. */
const createTell =
  (settings: Json, sourceOf: ReadonlyMap<string, string>, file: string | undefined): Tell =>
  ({ option, detail }) => {
    for (const [name, source] of sourceOf) {
      if (option === name) return `${source}: ${detail}`
      const [entry, ...rest] = option.startsWith(`${name}.`)
        ? option.slice(name.length + 1).split('.')
        : []
      if (entry === undefined || !/^\d+$/.test(entry)) continue
      const inside = rest.length > 0 && rest.join('.') !== 'url' ? ` ${rest.join('.')}` : ''
      return `${source}, entry ${Number(entry) + 1}${inside}: ${detail}`
    }
    const missing = settings[option] === undefined ? MISSING.get(option) : undefined
    return missing ?? `${file}: ${option}: ${detail}`
  }

const MISSING: ReadonlyMap<string, string> = new Map([
  [
    'jwtSecret',
    'JWT_SECRET is missing: set it to at least 32 random bytes, for instance JWT_SECRET=$(npx passport-gateway secret); or give --jwt-secrets-file; or try --demo',
  ],
  ['upstream', 'no service behind: give --upstream URL or UPSTREAM_URL; or try --demo'],
])
