import { readFileSync } from 'node:fs'
import type { Clock } from './clock.js'

export interface FileWatchOptions {
  files: readonly string[]
  /** Between two looks at the files, in milliseconds. */
  everyMs: number
  clock: Clock
  /** Called when the content of one has changed, or one has come or gone. */
  onChanged: () => void
}

export interface FileWatch {
  /** Looks at once. */
  look(): void
  stop(): void
}

/** Looks at files again and again: on a file that is replaced, or mounted anew, no event is reliable. */
export const watchFiles = ({ files, everyMs, clock, onChanged }: FileWatchOptions): FileWatch => {
  let isStopped = false
  let seen = fingerprint(files)

  const look = (): void => {
    const now = fingerprint(files)
    if (now === seen) return
    seen = now
    onChanged()
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

const fingerprint = (files: readonly string[]): string => files.map(contentOf).join('\0')

const contentOf = (path: string): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code)
  }
}
