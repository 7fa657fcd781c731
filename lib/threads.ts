import { Worker } from 'node:worker_threads'

/**
 * Starts a thread with the options that the process has, such as loaders. Of a program that is given as text it
 * gets none: node runs no file under `--input-type`.
 */
export const openThread = (file: URL, workerData?: unknown): Worker => {
  const isText = process.execArgv.some((option) => option.startsWith('--input-type'))
  return new Worker(file, { workerData, ...(isText && { execArgv: [] }) })
}
