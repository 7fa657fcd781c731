import { readFileSync } from 'node:fs'
import { createSecureContext } from 'node:tls'
import { ConfigError } from './config-error.js'
import type { TargetTls } from './proxy/upstream-agent.js'

export interface TargetTlsFiles {
  /** PEM files; `undefined` where there is none. */
  caFile?: string | undefined
  certFile?: string | undefined
  keyFile?: string | undefined
  serverName?: string | undefined
}

/**
 * Reads what TLS to a target needs. `option` is where the files are named, for the error.
 * @throws ConfigError for a file that cannot be read, and for what is no certificate with its key
 */
export const readTargetTls = (
  { caFile, certFile, keyFile, serverName }: TargetTlsFiles,
  option: string,
): TargetTls => {
  const tls: TargetTls = {}
  if (caFile !== undefined) tls.ca = readPem(caFile, `${option}.caFile`)
  if (certFile !== undefined) tls.cert = readPem(certFile, `${option}.certFile`)
  if (keyFile !== undefined) tls.key = readPem(keyFile, `${option}.keyFile`)
  if (serverName !== undefined) tls.servername = serverName
  if ((tls.cert === undefined) !== (tls.key === undefined))
    throw new ConfigError([{ option, detail: 'certFile and keyFile belong together' }])
  try {
    createSecureContext(tls)
  } catch {
    throw new ConfigError([{ option, detail: 'the files do not hold PEM that fits together' }])
  }
  return tls
}

/** @throws ConfigError for a file that cannot be read */
const readPem = (path: string, option: string): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new ConfigError([{ option, detail: `cannot be read (${code})` }])
  }
}
