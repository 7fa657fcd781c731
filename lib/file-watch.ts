import { createHash } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import type { Clock } from './clock.js'

export interface FileWatchOptions {
  /** Tells what the files are now from what they were: `fingerprintOf` them, or `stateOf` each. */
  fingerprint: () => string
  /** Between two looks at the files, in milliseconds. */
  everyMs: number
  clock: Clock
  /** The fingerprint of what is in use, taken before it was read. */
  seen: string
  /**
   * Called when the fingerprint is another; whether what is there now was taken. If not
   * it is called again at the next look, with `isRetry`: it may have been read half written, or wait
   * for another file.
   */
  onChanged: (isRetry: boolean) => boolean
}

export interface FileWatch {
  /** Looks at once. */
  look(): void
  stop(): void
}

/** Looks at files again and again: on a file that is replaced, or mounted anew, no event is reliable. */
export const watchFiles = (options: FileWatchOptions): FileWatch => {
  const { fingerprint, everyMs, clock, onChanged } = options
  let isStopped = false
  let { seen } = options
  let refused: string | undefined

  const look = (): void => {
    const now = fingerprint()
    if (now !== seen && onChanged(now === refused)) seen = now
    refused = now === seen ? undefined : now
  }

  const run = async (): Promise<void> => {
    for (;;) {
      await clock.sleep(everyMs)
      if (isStopped) return
      look()
    }
  }

  void run()
  return {
    look,
    stop: () => {
      isStopped = true
    },
  }
}

/** Tells contents apart without holding them, which may be secret. */
export const fingerprintOf = (files: readonly string[]): string =>
  files.map((file) => createHash('sha256').update(contentOf(file)).digest('base64')).join()

/** Tells whether a file was replaced or written to, without reading it, however long it is. */
export const stateOf = (file: string): string => {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = statSync(file, { bigint: true })
    return [dev, ino, size, mtimeNs, ctimeNs].join()
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code)
  }
}

const contentOf = (path: string): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code)
  }
}
