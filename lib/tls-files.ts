import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createSecureContext } from 'node:tls'
import { ConfigError, type ConfigProblem } from './config-error.js'
import type { TargetTls } from './proxy/upstream-pool.js'

/** PEM files; `undefined` where there is none. */
export interface TlsFiles {
  caFile?: string | undefined
  certFile?: string | undefined
  keyFile?: string | undefined
  serverName?: string | undefined
}

/** What the files hold, and everything that is wrong with them. */
export interface TlsReading {
  tls: TargetTls
  problems: ConfigProblem[]
}

/** Reads the files that are named in the group `option`. */
export const readTls = (files: TlsFiles, option: string): TlsReading => {
  const { caFile, certFile, keyFile, serverName } = files
  const tls: TargetTls = {}
  const problems: ConfigProblem[] = []
  const read = (path: string | undefined, name: string, check: Check): string | undefined => {
    if (path === undefined) return undefined
    try {
      const pem = readFileSync(path, 'utf8')
      const detail = check(pem)
      if (detail === undefined) return pem
      problems.push({ option: `${option}.${name}`, detail })
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      problems.push({ option: `${option}.${name}`, detail: `cannot be read (${code})` })
    }
    return undefined
  }
  // An empty text would be taken for none: any authority would do, and no certificate be shown.
  const ca = read(caFile, 'caFile', checkCertificates)
  const cert = read(certFile, 'certFile', checkCertificates)
  const key = read(keyFile, 'keyFile', checkKey)
  if (ca !== undefined) tls.ca = ca
  if (cert !== undefined) tls.cert = cert
  if (key !== undefined) tls.key = key
  if (serverName !== undefined) tls.servername = serverName
  if (certFile !== undefined && keyFile === undefined)
    problems.push({ option: `${option}.certFile`, detail: 'needs keyFile beside it' })
  if (keyFile !== undefined && certFile === undefined)
    problems.push({ option: `${option}.keyFile`, detail: 'needs certFile beside it' })
  if (cert !== undefined && key !== undefined && !belongTogether(cert, key))
    problems.push({ option: `${option}.keyFile`, detail: 'is not the key of the certificate' })
  if (problems.length === 0) problems.push(...refusals(tls, option))
  return { tls, problems }
}

// What is read here and what TLS takes are not the same: a file cut short, a key too small.
const refusals = (tls: TargetTls, option: string): ConfigProblem[] => {
  try {
    createSecureContext(tls)
    return []
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    return [{ option, detail: `holds files that TLS does not take (${code})` }]
  }
}

/** @throws ConfigError with everything that is wrong with the files */
export const loadTls = (files: TlsFiles, option: string): TargetTls => {
  const { tls, problems } = readTls(files, option)
  if (problems.length > 0) throw new ConfigError(problems)
  return tls
}

/** What is wrong with the content of a file. */
type Check = (pem: string) => string | undefined

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g

const checkCertificates = (pem: string): string | undefined => {
  const certificates = pem.match(CERTIFICATE) ?? []
  return certificates.length > 0 && certificates.every(isCertificate)
    ? undefined
    : 'must hold certificates in PEM'
}

const isCertificate = (pem: string): boolean => {
  try {
    return new X509Certificate(pem).subject !== ''
  } catch {
    return false
  }
}

const checkKey = (pem: string): string | undefined => {
  try {
    createPrivateKey(pem)
    return undefined
  } catch {
    return 'must hold a private key in PEM, without a passphrase'
  }
}

const belongTogether = (cert: string, key: string): boolean =>
  new X509Certificate(cert).checkPrivateKey(createPrivateKey(key))
