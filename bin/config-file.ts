import { readFileSync } from 'node:fs'
import { envOfSecret, exposedPassword } from '../lib/option-list.js'

export type Json = Record<string, unknown>

export interface ConfigFile {
  /** Empty where the file cannot be used. */
  settings: Json
  problems: readonly string[]
}

/** Reads a JSON file with options. What is wrong with it is told, and nothing of what it holds. */
export const readConfigFile = (path: string): ConfigFile => {
  const unusable = (detail: string): ConfigFile => ({
    settings: {},
    problems: [`${path}: ${detail}`],
  })
  let text: string
  try {
    text = readFileSync(path, 'utf8').replace(/^\ufeff/, '')
  } catch (error) {
    return unusable(`cannot be read (${(error as NodeJS.ErrnoException).code})`)
  }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    return unusable(`is not JSON${whereIn(text, (error as Error).message)}`)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return unusable('must hold a JSON object')
  const settings = Object.create(null) as Json
  const problems: string[] = []
  for (const [name, setting] of Object.entries(value)) {
    const env = envOfSecret(name)
    const exposed = exposedPassword(name, setting)
    if (exposed !== undefined) problems.push(`${path}: ${name}: ${exposed}`)
    else if (env === undefined) settings[name] = setting
    else problems.push(`${path}: ${name}: is taken from the environment alone: set ${env}`)
  }
  return { settings, problems }
}

// The parser's own message repeats what it read.
const whereIn = (text: string, message: string): string => {
  const position = /at position (\d+)/.exec(message)?.[1]
  if (position === undefined) return ''
  const before = text.slice(0, Number(position)).split('\n')
  return ` (line ${before.length}, column ${(before.at(-1) as string).length + 1})`
}
