import { availableParallelism } from 'node:os'
import type { SourceOf } from '../lib/gateway-parts.js'
import type { Settings } from '../lib/config.js'
import type { CommandLine } from './command-line.js'
import { resolveSettings, type Sources } from './settings.js'

/** The options that the command starts with. */
export interface StartSettings {
  settings: Settings
  /** Where the value of an option came from. */
  sourceOf: SourceOf
  /** What they are now. Throws a UsageError where they are not right. */
  read(): Settings
}

/** @throws UsageError */
export const readStartSettings = (
  commandLine: CommandLine,
  env: Sources['env'],
  stopgaps: ReadonlyMap<string, string>,
): StartSettings => {
  const sources = new Map([...stopgaps.keys()].map((name) => [name, 'the demonstration']))
  const read = (note?: Sources['note']): Settings =>
    resolveSettings({ commandLine, env, stopgaps, ...(note && { note }) })
  const settings = read((option, source) => sources.set(option, source))
  // Any port, as two demonstrations may run at once.
  if (commandLine.demo) settings.admin.port ??= 0
  return { settings, sourceOf: (option) => sources.get(option), read: () => read() }
}

/** How many processes serve. */
export const workersOf = ({ workers }: Pick<Settings, 'workers'>): number =>
  workers === 'auto' ? availableParallelism() : workers
