import { readFileSync } from 'node:fs'
import { createSecureContext, type SecureContextOptions } from 'node:tls'
import type { Clock } from './clock.js'
import { ConfigError } from './config-error.js'
import { describeError, type Log } from './log.js'
import type { TargetTls } from './proxy/upstream-agent.js'

/** PEM files; `undefined` where there is none. */
export interface TlsFiles {
  caFile?: string | undefined
  certFile?: string | undefined
  keyFile?: string | undefined
  serverName?: string | undefined
}

/**
 * Reads what TLS to a target needs. `option` is where the files are named, for the error.
 * @throws ConfigError for a file that cannot be read, and for what is no certificate with its key
 */
export const readTls = (files: TlsFiles, option: string): TargetTls => {
  const { caFile, certFile, keyFile, serverName } = files
  if ((certFile === undefined) !== (keyFile === undefined))
    throw new ConfigError([{ option, detail: 'certFile and keyFile belong together' }])
  const tls: TargetTls = {}
  if (caFile !== undefined) tls.ca = readPem(caFile, `${option}.caFile`)
  if (certFile !== undefined) tls.cert = readPem(certFile, `${option}.certFile`)
  if (keyFile !== undefined) tls.key = readPem(keyFile, `${option}.keyFile`)
  if (serverName !== undefined) tls.servername = serverName
  try {
    createSecureContext(tls)
  } catch {
    throw new ConfigError([{ option, detail: 'the files do not hold PEM that fits together' }])
  }
  return tls
}

const readPem = (path: string, option: string): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new ConfigError([{ option, detail: `cannot be read (${code})` }])
  }
}

export interface TlsWatchOptions {
  files: TlsFiles
  /** Between two looks at the files, in milliseconds. */
  everyMs: number
  clock: Clock
  log: Log
  onChanged: (tls: SecureContextOptions) => void
}

/**
 * Looks at the files again and again, and hands over a certificate that has changed. What cannot be
 * used is logged, and the old one stays. Gives what stops it.
 */
export const watchTls = ({
  files,
  everyMs,
  clock,
  log,
  onChanged,
}: TlsWatchOptions): (() => void) => {
  let isStopped = false
  let seen = fingerprint(files)

  const look = (): void => {
    const now = fingerprint(files)
    if (now === seen) return
    seen = now
    try {
      onChanged(readTls(files, 'tls'))
      log({ event: 'tls_reloaded' })
    } catch (error) {
      log({ event: 'tls_reload_failed', error: describeError(error).error })
    }
  }

  const run = async (): Promise<void> => {
    for (;;) {
      await clock.sleep(everyMs)
      if (isStopped) return
      look()
    }
  }

  void run()
  return () => {
    isStopped = true
  }
}

const fingerprint = ({ certFile, keyFile }: TlsFiles): string => {
  try {
    return [certFile, keyFile].map((path) => readFileSync(path as string, 'utf8')).join('\0')
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code)
  }
}
