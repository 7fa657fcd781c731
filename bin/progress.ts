import type { Clock } from '../lib/clock.js'

/** A line on a terminal that tells how far something is; nothing where there is no terminal. */
export interface Progress {
  /** So many rows are done, and so many bytes of the input. */
  show(rows: number, bytes: number): void
  /** Makes room for another line; `show` comes back. */
  clear(): void
  /** Leaves the line as it is in the end. */
  end(): void
}

export interface ProgressOptions {
  stderr: { write: (text: string) => unknown; isTTY?: boolean }
  clock: Clock
  /** How many bytes the input has, where that is known. */
  totalBytes?: number | undefined
}

export const createProgress = ({ stderr, clock, totalBytes }: ProgressOptions): Progress => {
  if (!stderr.isTTY) return { show: () => {}, clear: () => {}, end: () => {} }
  const startMs = clock.monotonic()
  let latest = ''
  let shown = ''
  let shownMs = -Infinity
  const draw = (): void => {
    if (latest !== shown) stderr.write(REWRITE + latest)
    shown = latest
    shownMs = clock.monotonic()
  }

  return {
    show: (rows, bytes) => {
      latest = lineOf(rows, clock.monotonic() - startMs, totalBytes && bytes / totalBytes)
      if (clock.monotonic() - shownMs >= PAUSE_MS) draw()
    },
    clear: () => {
      if (shown !== '') stderr.write(REWRITE)
      shown = ''
    },
    end: () => {
      draw()
      if (shown !== '') stderr.write('\n')
    },
  }
}

const PAUSE_MS = 100

// To the begin of the line, and what stood there is gone (ECMA-48: CR, EL).
const REWRITE = '\r\u001b[K'

const BAR_WIDTH = 24

const lineOf = (rows: number, elapsedMs: number, share: number | undefined): string => {
  const rate = elapsedMs > 0 ? ` ${Math.round((rows * 1000) / elapsedMs)} rows/s` : ''
  const line = `${rows} rows${rate}`
  if (!share) return line
  // A file may grow while it is read.
  const bounded = Math.min(share, 1)
  const bar = '#'.repeat(Math.floor(bounded * BAR_WIDTH)).padEnd(BAR_WIDTH, '-')
  return `[${bar}] ${Math.floor(bounded * 100)} % ${line}`
}
