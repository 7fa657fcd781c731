import { describeError } from '../lib/log.js'
import type { StartFailure } from '../lib/workers/messages.js'
import { WorkerFailed } from '../lib/workers/worker.js'
import { StoreError } from '../lib/stores/engine.js'
import { UsageError } from './command-line.js'

/** What a person can do about a gateway that does not start. */
export const explainFailure = (
  error: NodeJS.ErrnoException & { port?: number | undefined; listener?: string | undefined },
): string => {
  const flag = error.listener === 'admin' ? '--admin-' : '--'
  if (error.code === 'EADDRINUSE')
    return `port ${error.port} is taken; give another with ${flag}port`
  if (error.code === 'EACCES') return `port ${error.port} may not be used by this user`
  if (error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND')
    return `the host is not an address of this machine; give another with ${flag}host`
  return `cannot start: ${error.code ?? error.message}`
}

export const EXIT_FAILED = 1
const EXIT_USAGE = 2

/** What is said of whatever kept the command from starting, and its exit status. */
export const failureOf = (error: unknown): StartFailure => {
  if (error instanceof WorkerFailed) return error.failure
  if (error instanceof UsageError)
    return { lines: error.lines, status: EXIT_USAGE, cause: error.lines.join('; ') }
  const line = explainFailure(error as Error)
  // A message of whoever else threw it may hold anything.
  const isOurs = error instanceof StoreError || (error as NodeJS.ErrnoException).code !== undefined
  return { lines: [line], status: EXIT_FAILED, cause: isOurs ? line : describeError(error).error }
}
