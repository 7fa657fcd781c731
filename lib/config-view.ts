import type { Config } from './config.js'
import type { SourceOf } from './gateway-parts.js'
import { kidOf } from './jwt/key-ring.js'
import { envOfSecret, listOptions } from './option-list.js'

/** One option, its value and where that came from. */
export interface ConfigRow {
  option: string
  /** Secrets are shown as fingerprints, `null` is what is not given. */
  value: unknown
  source: string
}

/** The options as they were resolved. */
export const viewConfig = (config: Config, sourceOf: SourceOf): ConfigRow[] =>
  listOptions()
    .filter(({ name }) => !OF_COMMAND.has(name))
    .map(({ name }) => {
      const value = valueAt(config, name)
      return {
        option: name,
        value: value === undefined ? null : envOfSecret(name) ? fingerprints(value) : hide(value),
        source: sourceOf(name) ?? 'default',
      }
    })

/** For options that were given as an object: what it has was given. */
export const sourceIn =
  (options: unknown): SourceOf =>
  (name) =>
    valueAt(options, name) === undefined ? undefined : 'options'

// What only the command has.
const OF_COMMAND: ReadonlySet<string> = new Set(['host', 'port', 'logLevel', 'workers'])

const valueAt = (from: unknown, name: string): unknown => {
  let value = from
  for (const step of name.split('.'))
    value = typeof value === 'object' && value !== null ? Reflect.get(value, step) : undefined
  return value
}

const fingerprints = (value: unknown): unknown => {
  if (typeof value === 'string') return fingerprint(Buffer.from(value))
  return value instanceof Uint8Array ? fingerprint(value) : hide(value)
}

const fingerprint = (secret: Uint8Array): string => `fingerprint ${kidOf(secret)}`

/** The same without any secret: bytes are the secrets of rings, and a URL can hold a password. */
const hide = (value: unknown): unknown => {
  if (value instanceof Uint8Array) return fingerprint(value)
  if (typeof value === 'string') return value.replace(PASSWORD, '$1***@')
  if (Array.isArray(value)) return value.map(hide)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, hide(part)]))
}

const PASSWORD = /^([a-z]+:\/\/[^/@]*:)[^/]*@/i
