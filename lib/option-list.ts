import * as z from 'zod'
import { settingsSchema } from './config.js'
import { hasPassword } from './store-url.js'

/** One option as help and documentation show it. */
export interface OptionRow {
  /** Its groups before it: `timeouts.connectMs`. */
  name: string
  /** `undefined` where there is no default. */
  fallback: string | number | boolean | readonly string[] | undefined
  /** `json` is a list of groups. */
  kind: 'text' | 'integer' | 'number' | 'boolean' | 'list' | 'json'
  /** `ms`, `bytes`, `bytes a second`, `seconds` or nothing. */
  unit: string
  description: string
  flag: string
  env: string
}

interface SchemaNode {
  type?: string
  kind?: OptionRow['kind']
  default?: string | number | boolean | readonly string[]
  /** In place of `default`, which a schema that reads its input loses. */
  fallback?: number | readonly string[]
  description?: string
  properties?: Record<string, SchemaNode>
}

/** The variable of an option that is a secret; `undefined` for any other. */
export const envOfSecret = (name: string): string | undefined =>
  SECRET_OPTIONS.has(name) ? envOf(name) : undefined

/** What is wrong with a value that is a flag, or in a file, where others can read it. */
export const exposedPassword = (name: string, value: unknown): string | undefined =>
  STORES.has(name) && typeof value === 'string' && hasPassword(value)
    ? `holds a password, which others could see: set ${envOf(name)}_URL in the environment`
    : undefined

// They come from the environment alone: a flag is seen by others, a file with options is copied about.
const SECRET_OPTIONS: ReadonlySet<string> = new Set([
  'jwtSecret',
  'jwtSecrets',
  'passportSecret',
  'passportSecrets',
  'adminToken',
])

/** The options of the command line, read from the one schema. */
export const listOptions = (): OptionRow[] =>
  rowsOf(z.toJSONSchema(settingsSchema, { unrepresentable: 'any', io: 'input' }) as SchemaNode, [])

const rowsOf = ({ properties = {} }: SchemaNode, path: readonly string[]): OptionRow[] =>
  Object.entries(properties).flatMap(([name, node]) =>
    node.properties ? rowsOf(node, [...path, name]) : [rowOf(node, [...path, name])],
  )

const rowOf = (node: SchemaNode, path: readonly string[]): OptionRow => {
  const name = path.join('.')
  return {
    name,
    fallback: node.fallback ?? node.default,
    kind: node.kind ?? KINDS.get(node.type) ?? 'text',
    unit: UNITS.find(([ending]) => name.endsWith(ending))?.[1] ?? '',
    description: node.description as string, // the schema describes every option
    flag: SECRET_OPTIONS.has(name) ? '' : `--${wordsOf(name)}`,
    env: URLS.has(name) ? `${envOf(name)}_URL` : envOf(name),
  }
}

const STORES: ReadonlySet<string> = new Set(['store', 'ephemeralStore'])
const URLS: ReadonlySet<string> = new Set(['upstream', ...STORES])

const wordsOf = (name: string): string =>
  name
    .replaceAll('.', '-')
    .replace(/([A-Z])/g, '-$1')
    .toLowerCase()

const envOf = (name: string): string => wordsOf(name).replaceAll('-', '_').toUpperCase()

const KINDS: ReadonlyMap<string | undefined, OptionRow['kind']> = new Map([
  ['number', 'integer'],
  ['boolean', 'boolean'],
  ['array', 'list'],
])

const UNITS = [
  ['BytesPerSecond', 'bytes a second'],
  ['Ms', 'ms'],
  ['Bytes', 'bytes'],
  ['Seconds', 'seconds'],
] as const
