import { readFileSync } from 'node:fs'
import type { SecureContextOptions } from 'node:tls'
import type { Clock } from './clock.js'
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
 * Looks at the files again and again, and hands over a certificate that has changed. What cannot be
 * used is logged, and the old one stays. Gives what stops it.
 */
export const watchTls = (options: TlsWatchOptions): (() => void) => {
  const { files, everyMs, clock, log, onChanged } = options
  let isStopped = false
  let seen = fingerprint(files)

  const look = (): void => {
    const now = fingerprint(files)
    if (now === seen) return
    seen = now
    const { tls, problems } = readTls(files, 'tls')
    const [first] = problems
    if (first) return log({ event: 'tls_reload_failed', option: first.option, cause: first.detail })
    onChanged(tls)
    log({ event: 'tls_reloaded' })
  }

  const run = async (): Promise<void> => {
    for (;;) {
      await clock.sleep(everyMs)
      if (isStopped) return
      look()
    }
  }

  void run()
  return () => {
    isStopped = true
  }
}

const fingerprint = ({ certFile, keyFile }: TlsFiles): string =>
  [certFile, keyFile].map(contentOf).join('\0')

const contentOf = (path: string | undefined): string => {
  try {
    return readFileSync(path as string, 'utf8') // both are named
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code)
  }
}
