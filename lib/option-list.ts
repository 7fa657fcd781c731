import { z } from 'zod'
import { settingsSchema } from './config.js'

/** One option as help and documentation show it. */
export interface OptionRow {
  /** Its groups before it: `timeouts.connectMs`. */
  name: string
  /** `undefined` where there is no default. */
  fallback: string | number | boolean | readonly string[] | undefined
  /** `json` is a list of groups. */
  kind: 'text' | 'integer' | 'boolean' | 'list' | 'json'
  /** `ms`, `bytes`, `seconds` or nothing. */
  unit: string
  description: string
  flag: string
  env: string
}

interface SchemaNode {
  type?: string
  kind?: OptionRow['kind']
  default?: string | number | boolean | readonly string[]
  description?: string
  properties?: Record<string, SchemaNode>
}

/** The options of the command line, read from the one schema. */
export const listOptions = (): OptionRow[] =>
  rowsOf(z.toJSONSchema(settingsSchema, { unrepresentable: 'any', io: 'input' }) as SchemaNode, [])

const rowsOf = ({ properties = {} }: SchemaNode, path: readonly string[]): OptionRow[] =>
  Object.entries(properties).flatMap(([name, node]) =>
    node.properties ? rowsOf(node, [...path, name]) : [rowOf(node, [...path, name])],
  )

const rowOf = (node: SchemaNode, path: readonly string[]): OptionRow => {
  const name = path.join('.')
  const words = path
    .join('-')
    .replace(/([A-Z])/g, '-$1')
    .toLowerCase()
  return {
    name,
    fallback: node.default,
    kind: node.kind ?? KINDS.get(node.type) ?? 'text',
    unit: UNITS.find(([ending]) => name.endsWith(ending))?.[1] ?? '',
    description: node.description as string, // the schema describes every option
    flag: name === 'jwtSecret' ? '' : `--${words}`,
    env: name === 'upstream' ? 'UPSTREAM_URL' : words.replaceAll('-', '_').toUpperCase(),
  }
}

const KINDS: ReadonlyMap<string | undefined, OptionRow['kind']> = new Map([
  ['number', 'integer'],
  ['boolean', 'boolean'],
  ['array', 'list'],
])

const UNITS = [
  ['Ms', 'ms'],
  ['Bytes', 'bytes'],
  ['Seconds', 'seconds'],
] as const
