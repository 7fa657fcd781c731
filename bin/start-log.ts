import type { WriteStream } from 'node:tty'
import { createLog, type Log, type LogLevel } from '../lib/log.js'
import { createLogOutput } from './log-output.js'

/** What the log uses of the process that it is of. */
export interface LogProcess {
  stdout: { fd: number } & Partial<Pick<WriteStream, 'isTTY' | 'hasColors'>>
  stderr: { write: (text: string) => unknown }
  on: (event: 'exit', act: () => void) => unknown
}

/**
 * Starts the log of the command on standard output: for a person where that is a terminal. What waits
 * when the process ends, whatever ends it, is written then.
 */
export const startLog = (process: LogProcess, level: () => LogLevel): Log => {
  const { stdout, stderr } = process
  // Whoever looks at the stream makes its descriptor one that does not block.
  const { fd, isTTY = false } = stdout
  const output = createLogOutput({
    fd,
    onDropped: (dropped) => log({ event: 'log_dropped', ...dropped }),
  })
  const log = createLog({
    level,
    write: output.write,
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
