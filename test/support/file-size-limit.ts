import { execFileSync } from 'node:child_process'

/** Does a work while no file of this process may grow beyond so many bytes, as on a full disk. */
export const withFileSizeLimit = async <T>(bytes: number, work: () => Promise<T>): Promise<T> => {
  const limit = (soft: number | string): void =>
    void execFileSync('prlimit', ['--pid', String(process.pid), `--fsize=${soft}:`])
  const survive = (): void => {}
  process.on('SIGXFSZ', survive)
  limit(bytes)
  try {
    return await work()
  } finally {
    limit('unlimited')
    process.off('SIGXFSZ', survive)
  }
}
