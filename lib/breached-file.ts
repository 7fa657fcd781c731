import type { Clock } from './clock.js'
import { ConfigError, type ConfigProblem } from './config-error.js'
import { stateOf, watchFiles, type FileWatch } from './file-watch.js'
import type { Log } from './log.js'
import { createBreachedPasswords, type BreachedPasswords } from './users/breached-passwords.js'
import { openHashFile, type HashFile } from './users/hash-file.js'

interface BreachedFileOptions {
  /** The file; `undefined` where no password is looked up. */
  breachedPasswordsFile?: string | undefined
  /** Between two looks at it, in milliseconds. */
  filesCheckMs: number
}

/** What is wrong with the file of breached passwords. */
export const breachedFileProblems = (path: string | undefined): ConfigProblem[] => {
  const opened = path === undefined ? undefined : open(path)
  if (typeof opened === 'string') return [{ option: OPTION, detail: opened }]
  opened?.close()
  return []
}

/**
 * The breached passwords of a gateway, and the watch over their file: one that has changed is opened
 * anew, what cannot be used is logged, and the old one stays.
 * @throws ConfigError for a file that cannot be used
 */
export const createBreached = (
  { breachedPasswordsFile: path, filesCheckMs: everyMs }: BreachedFileOptions,
  { clock, log }: { clock: Clock; log: Log },
): { breached: BreachedPasswords; watches: FileWatch[] } => {
  if (path === undefined) return { breached: createBreachedPasswords(undefined, log), watches: [] }
  const fingerprint = (): string => stateOf(path)
  const seen = fingerprint()
  const first = open(path)
  if (typeof first === 'string') throw new ConfigError([{ option: OPTION, detail: first }])
  const breached = createBreachedPasswords(first, log)
  const reload = (isRetry: boolean): boolean => {
    const file = open(path)
    if (typeof file === 'string') {
      if (!isRetry) log({ event: 'breached_passwords_reload_failed', cause: file })
      return false
    }
    breached.replace(file)
    log({ event: 'breached_passwords_reloaded' })
    return true
  }
  return {
    breached,
    watches: [watchFiles({ fingerprint, seen, everyMs, clock, onChanged: reload })],
  }
}

const OPTION = 'breachedPasswordsFile'

/** The file, or what is wrong with it. */
const open = (path: string): HashFile | string => {
  try {
    return openHashFile(path)
  } catch (error) {
    return (error as Error).message
  }
}
