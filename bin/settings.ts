import { readFileSync } from 'node:fs'
import { ConfigError, type ConfigProblem } from '../lib/config-error.js'
import { parseSettings, type Settings } from '../lib/config.js'
import { listOptions, type OptionRow } from '../lib/option-list.js'
import { UsageError, type CommandLine } from './command-line.js'

export interface Sources {
  commandLine: CommandLine
  env: Readonly<Record<string, string | undefined>>
  /** What stands in for an option that nobody gave, by its name. */
  stopgaps: ReadonlyMap<string, string>
}

type Json = Record<string, unknown>

/**
 * Merges flags, environment and file, in this order of precedence.
 * @throws UsageError with every problem, each with the place it came from
 */
export const resolveSettings = ({ commandLine, env, stopgaps }: Sources): Settings => {
  const { config, flags } = commandLine
  const settings = config === undefined ? {} : readConfigFile(config)
  const sourceOf = new Map<string, string>()
  for (const row of listOptions()) {
    const flag = flags.get(row.flag)
    const variable = env[row.env] || undefined // an empty variable is none
    const given = flag ?? variable
    const value = given === undefined ? undefined : parseText(given, row)
    if (value === undefined) place(settings, row.name, stopgaps.get(row.name), 'if missing')
    else if (place(settings, row.name, value, 'always'))
      sourceOf.set(row.name, flag === undefined ? row.env : row.flag)
  }
  try {
    return parseSettings(settings)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    const isGiven = (option: string): boolean => hasPath(settings, option)
    throw new UsageError(error.problems.map((problem) => tell(problem, sourceOf, isGiven, config)))
  }
}

const readConfigFile = (path: string): Json => {
  let value: unknown
  try {
    value = JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new UsageError([
      code === undefined ? `${path}: is not JSON` : `${path}: cannot be read (${code})`,
    ])
  }
  if (!isObject(value)) throw new UsageError([`${path}: must hold a JSON object`])
  if ('jwtSecret' in value)
    throw new UsageError([`${path}: jwtSecret: is taken from the environment alone (JWT_SECRET)`])
  return value
}

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

// What cannot be read as its kind stays text, for the schema to refuse.
const parseText = (text: string, { kind }: OptionRow): unknown => {
  if (kind === 'integer') return /^\d{1,16}$/.test(text) ? Number(text) : text
  if (kind === 'boolean') return text === 'true' || (text === 'false' ? false : text)
  return kind === 'list' ? text.split(',').map((part) => part.trim()) : text
}

/** Puts a value at a dotted path; `false` where something that is no group stands in the way. */
const place = (
  settings: Json,
  name: string,
  value: unknown,
  mode: 'always' | 'if missing',
): boolean => {
  if (value === undefined) return false
  const path = name.split('.')
  const last = path.pop() as string // split gives at least one
  let group = settings
  for (const step of path) {
    const next = (group[step] ??= {})
    if (!isObject(next)) return false
    group = next
  }
  if (mode === 'always' || group[last] === undefined) group[last] = value
  return true
}

const hasPath = (settings: Json, option: string): boolean => {
  let value: unknown = settings
  for (const step of option.split('.')) {
    if (!isObject(value) && !Array.isArray(value)) return false
    value = (value as Json)[step]
  }
  return value !== undefined
}

const tell = (
  { option, detail }: ConfigProblem,
  sourceOf: ReadonlyMap<string, string>,
  isGiven: (option: string) => boolean,
  file: string | undefined,
): string => {
  for (const [name, source] of sourceOf)
    if (option === name || option.startsWith(`${name}.`)) return `${source}: ${detail}`
  if (isGiven(option) || (file !== undefined && detail === 'is no option'))
    return `${file}: ${option}: ${detail}`
  const row = listOptions().find(({ name }) => name === option)
  const ways = [row?.flag, row?.env].filter(Boolean).join(' or ')
  return `${option}: ${detail} (missing; give ${ways})`
}
