import type { WriteStream } from 'node:tty'
import { createLog, type Log, type LogLevel, type LogOptions } from '../lib/log.js'
import { createLogOutput } from './log-output.js'

/** What the log uses of the process that it is of. */
export interface LogProcess {
  stdout: { fd: number } & Partial<Pick<WriteStream, 'isTTY' | 'hasColors'>>
  stderr: { write: (text: string) => unknown }
  on: (event: 'exit', act: () => void) => unknown
}

/** One of several processes that log to the same place. */
export interface LogSharing {
  /** Which worker it is, which each of its lines says; `undefined` for the primary. */
  worker?: number
}

/**
 * Starts the log of the command on standard output: for a person where that is a terminal. What waits
 * when the process ends, whatever ends it, is written then.
 */
export const startLog = (process: LogProcess, level: () => LogLevel, sharing?: LogSharing): Log => {
  const { stdout, stderr } = process
  // Whoever looks at the stream makes its descriptor one that does not block.
  const { fd, isTTY = false } = stdout
  const output = createLogOutput({
    fd,
    isShared: sharing !== undefined,
    onDropped: (dropped) => log({ event: 'log_dropped', ...dropped }),
  })
  const log = createLog({
    level,
    write: signed(output.write, sharing?.worker, isTTY),
    readable: isTTY,
    // NO_COLOR and FORCE_COLOR count.
    colors: isTTY && stdout.hasColors?.() === true,
  })
  process.on('exit', () => {
    const lost = output.flush()
    if (lost > 0) stderr.write(`passport-gateway: nobody took ${lost} bytes of the log\n`)
  })
  return log
}

/** The same, with the worker at the end of each line. */
const signed = (
  write: LogOptions['write'],
  worker: number | undefined,
  readable: boolean,
): typeof write => {
  if (worker === undefined) return write
  const [from, end] = readable ? [-1, ` worker=${worker}\n`] : [-2, `,"worker":${worker}}\n`]
  return (line, ...rest) => write(line.slice(0, from) + end, ...rest)
}
