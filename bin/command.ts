import type { Clock } from '../lib/clock.js'

/** What a command uses of the process that it runs in. */
export interface CommandIo {
  env: Readonly<Record<string, string | undefined>>
  stdin: AsyncIterable<Uint8Array | string> & Partial<Keys> & { isTTY?: boolean }
  /** `write` tells `taken` once all is written, or why it is not. */
  stdout: {
    write: (text: string, taken?: (error?: Error | null) => void) => unknown
    fd?: number
    isTTY?: boolean
    columns?: number
    rows?: number
  }
  stderr: { write: (text: string) => unknown; isTTY?: boolean }
  once?: (signal: EndingSignal, act: () => void) => unknown
  off?: (signal: EndingSignal, act: () => void) => unknown
  /** Default: the clock of this machine. */
  clock?: Clock
}

/** What asks a command to end. */
export type EndingSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP'

/** The keys of a terminal, which are told as they are hit while it is raw. */
interface Keys {
  setRawMode: (isRaw: boolean) => unknown
  on: (event: 'data', take: (hit: Uint8Array | string) => void) => unknown
  off: (event: 'data', take: (hit: Uint8Array | string) => void) => unknown
  /** Keeps the process alive no longer. */
  pause: () => unknown
}

/**
 * Runs with the arguments behind its name; resolves to the exit status.
 * @throws UsageError for wrong use
 */
export type Command = (args: readonly string[], io: CommandIo) => Promise<number>
