import { readFileSync } from 'node:fs'
import { ConfigError, problemsOf, type ConfigProblem } from './config-error.js'
import { kidOf, type Secret } from './jwt/key-ring.js'
import { ring } from './secret-options.js'

/** A secret as the options have it; `notAfter` is a date and time of RFC 3339. */
interface SecretOption {
  kid?: string | undefined
  secret: Uint8Array
  notAfter?: string | undefined
}

/** Where the secrets of a ring come from: one of the three, or none. */
export interface RingSource {
  secret: Uint8Array | undefined
  secrets: readonly SecretOption[] | undefined
  /** A JSON file that holds such a list. */
  file: string | undefined
}

interface RingOptions {
  jwtSecret?: Uint8Array | undefined
  jwtSecrets?: readonly SecretOption[] | undefined
  jwtSecretsFile?: string | undefined
  passportSecret?: Uint8Array | undefined
  passportSecrets?: readonly SecretOption[] | undefined
  passportSecretsFile?: string | undefined
}

/** Where the secrets of each ring come from. */
export const ringSources = (options: RingOptions): { jwt: RingSource; passport: RingSource } => ({
  jwt: { secret: options.jwtSecret, secrets: options.jwtSecrets, file: options.jwtSecretsFile },
  passport: {
    secret: options.passportSecret,
    secrets: options.passportSecrets,
    file: options.passportSecretsFile,
  },
})

/** The secrets, and what is wrong with them. */
export interface RingReading {
  secrets: readonly Secret[]
  problems: readonly ConfigProblem[]
}

/** Reads the secrets of a ring; `option` is the name of the option that names the file. */
export const readRing = ({ secret, secrets, file }: RingSource, option: string): RingReading => {
  if (file !== undefined) return readRingFile(file, option)
  const given = secret ? [{ secret }] : (secrets ?? [])
  return { secrets: given.map(secretOf), problems: [] }
}

const secretOf = ({ kid, secret, notAfter }: SecretOption): Secret => ({
  kid: kid ?? kidOf(secret),
  secret,
  notAfterSeconds: notAfter === undefined ? Infinity : Math.floor(Date.parse(notAfter) / 1000),
})

/** @throws ConfigError with everything that is wrong with the file */
export const loadRing = (source: RingSource, option: string): readonly Secret[] => {
  const { secrets, problems } = readRing(source, option)
  if (problems.length > 0) throw new ConfigError(problems)
  return secrets
}

/** Whether two rings have a secret in common: then one who may sign with the one may with the other. */
export const haveCommon = (
  some: ReadonlyArray<Pick<Secret, 'secret'>>,
  others: ReadonlyArray<Pick<Secret, 'secret'>>,
): boolean =>
  some.some((one) => others.some((other) => Buffer.compare(one.secret, other.secret) === 0))

/** What is wrong with a secret that stands in both rings. */
export const COMMON_SECRET =
  'must not have a secret in common with the other ring: who reads passports could mint tokens'

const readRingFile = (path: string, option: string): RingReading => {
  const unusable = (detail: string): RingReading => ({
    secrets: [],
    problems: [{ option, detail }],
  })
  let content: string
  try {
    content = readFileSync(path, 'utf8').replace(/^\ufeff/, '')
  } catch (error) {
    return unusable(`cannot be read (${(error as NodeJS.ErrnoException).code})`)
  }
  let value: unknown
  try {
    value = JSON.parse(content)
  } catch {
    return unusable('is not JSON') // the parser's own message repeats what it read
  }
  const result = ring.safeParse(value)
  if (result.success) return { secrets: result.data.map(secretOf), problems: [] }
  return { secrets: [], problems: problemsOf(result.error, option) }
}
