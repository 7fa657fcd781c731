import type { Clock } from '../lib/clock.js'

/** What a command uses of the process that it runs in. */
export interface CommandIo {
  env: Readonly<Record<string, string | undefined>>
  stdin: AsyncIterable<Uint8Array | string> & { isTTY?: boolean }
  /** `write` tells `taken` once all is written, or why it is not. */
  stdout: {
    write: (text: string, taken?: (error?: Error | null) => void) => unknown
    fd?: number
  }
  stderr: { write: (text: string) => unknown; isTTY?: boolean }
  once?: (signal: 'SIGINT', act: () => void) => unknown
  off?: (signal: 'SIGINT', act: () => void) => unknown
  /** Default: the clock of this machine. */
  clock?: Clock
}

/**
 * Runs with the arguments behind its name; resolves to the exit status.
 * @throws UsageError for wrong use
 */
export type Command = (args: readonly string[], io: CommandIo) => Promise<number>
