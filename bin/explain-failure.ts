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
