import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/**
 * Certificates of an authority that only these tests know, good for a hundred years: `localhost` and
 * `renewed` for this machine, `service` for service.example, `client` for who asks.
 */
export const certificateFile = (name: string): string =>
  fileURLToPath(new URL(`certificates/${name}`, import.meta.url))

/** As options of a gateway that speaks TLS as `localhost`. */
export const LOCALHOST_FILES = {
  certFile: certificateFile('localhost.pem'),
  keyFile: certificateFile('localhost.key'),
}

const read = (name: string): string => readFileSync(certificateFile(name), 'utf8')

export const CA = read('ca.pem')

export const certificate = (name: string): { cert: string; key: string } => ({
  cert: read(`${name}.pem`),
  key: read(`${name}.key`),
})
