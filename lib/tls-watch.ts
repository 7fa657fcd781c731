import type { SecureContextOptions } from 'node:tls'
import type { Clock } from './clock.js'
import { watchFiles, type FileWatch } from './file-watch.js'
import type { Log } from './log.js'
import { readTls, type TlsFiles } from './tls-files.js'

export interface TlsWatchOptions {
  /** Both files are named. */
  files: TlsFiles
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
  const { files, everyMs, clock, log, onChanged } = options
  const reload = (): void => {
    const { tls, problems } = readTls(files, 'tls')
    const [first] = problems
    if (first) return log({ event: 'tls_reload_failed', option: first.option, cause: first.detail })
    onChanged(tls)
    log({ event: 'tls_reloaded' })
  }
  const { certFile, keyFile } = files as { certFile: string; keyFile: string } // both are named
  return watchFiles({ files: [certFile, keyFile], everyMs, clock, onChanged: reload })
}
