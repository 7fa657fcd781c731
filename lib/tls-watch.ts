import type { SecureContextOptions } from 'node:tls'
import type { Clock } from './clock.js'
import { fingerprintOf, watchFiles, type FileWatch } from './file-watch.js'
import type { Log } from './log.js'
import { readTls, type TlsFiles } from './tls-files.js'

export interface TlsWatchOptions {
  files: TlsFiles
  /** `tlsFingerprint` of the files, taken before they were read. */
  seen: string
  /** Between two looks at the files, in milliseconds. */
  everyMs: number
  clock: Clock
  log: Log
  onChanged: (tls: SecureContextOptions) => void
}

/**
 * Hands over a certificate that has changed. What cannot be used is logged, and the old one stays.
 */
export const watchTls = (options: TlsWatchOptions): FileWatch => {
  const { files, seen, everyMs, clock, log, onChanged } = options
  const reload = (isRetry: boolean): boolean => {
    const { tls, problems } = readTls(files, 'tls')
    const [first] = problems
    if (!first) {
      onChanged(tls)
      log({ event: 'tls_reloaded' })
    } else if (!isRetry)
      log({ event: 'tls_reload_failed', option: first.option, cause: first.detail })
    return !first
  }
  const fingerprint = (): string => tlsFingerprint(files)
  return watchFiles({ fingerprint, seen, everyMs, clock, onChanged: reload })
}

/** Tells whether the files have changed since. */
export const tlsFingerprint = (files: TlsFiles): string => fingerprintOf(namesOf(files))

const namesOf = ({ certFile, keyFile }: TlsFiles): string[] =>
  [certFile, keyFile].filter((name) => name !== undefined)
