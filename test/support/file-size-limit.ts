import { execFileSync } from 'node:child_process'

/** Does a work while no file of this process may grow beyond so many bytes, as on a full disk. */
export const withFileSizeLimit = async <T>(bytes: number, work: () => Promise<T>): Promise<T> => {
  const limit = (soft: number | string): void =>
    void execFileSync('sh', ['-c', `prlimit --pid ${process.pid} --fsize=${soft}:`])
  // It ends a process that listens no more, and may come late.
  process.on('SIGXFSZ', () => {})
  limit(bytes)
  try {
    return await work()
  } finally {
    limit('unlimited')
  }
}
