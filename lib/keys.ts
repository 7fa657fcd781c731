import type { Clock } from './clock.js'
import type { Config } from './config.js'
import { watchFiles, type FileWatch } from './file-watch.js'
import { createKeyRing, type KeyRing, type Secret } from './jwt/key-ring.js'
import type { Log } from './log.js'
import {
  COMMON_SECRET,
  haveCommon,
  loadRing,
  readRing,
  ringSources,
  type RingSource,
} from './secrets.js'

export interface Keys {
  /** Of tokens. */
  jwt: KeyRing
  /** Of passports; `undefined` where they are not signed. */
  passport: KeyRing | undefined
  /** Of the files that the secrets are in. */
  watches: readonly FileWatch[]
}

export interface KeysParts {
  clock: Clock
  log: Log
  /** Called when tokens have other keys. */
  onJwtChanged: () => void
}

/**
 * The rings of a gateway. A file of secrets is watched: what is new there is taken, what cannot be used
 * is logged, and the old ring stays.
 * @throws ConfigError for a file that cannot be used
 */
export const createKeys = (config: Config, parts: KeysParts): Keys => {
  const sources = ringSources(config)
  let jwtSecrets = loadRing(sources.jwt, 'jwtSecretsFile')
  let passportSecrets = loadRing(sources.passport, 'passportSecretsFile')
  const jwt = createKeyRing(jwtSecrets)
  const passport = passportSecrets.length > 0 ? createKeyRing(passportSecrets) : undefined
  const watches: FileWatch[] = []

  const watch = (
    source: RingSource,
    option: string,
    replace: (secrets: readonly Secret[]) => string | undefined,
  ): void => {
    const { file } = source
    if (file === undefined) return
    const reload = (): void => {
      const { secrets, problems } = readRing(source, option)
      const [problem] = problems
      const cause = problem ? `${problem.option}: ${problem.detail}` : replace(secrets)
      if (cause !== undefined) return parts.log({ event: 'secrets_reload_failed', option, cause })
      const kids = secrets.map(({ kid }) => kid).join(',')
      parts.log({ event: 'secrets_reloaded', option, kids })
    }
    const { clock } = parts
    watches.push(
      watchFiles({ files: [file], everyMs: config.filesCheckMs, clock, onChanged: reload }),
    )
  }

  watch(sources.jwt, 'jwtSecretsFile', (secrets) => {
    if (haveCommon(secrets, passportSecrets)) return COMMON_SECRET
    jwtSecrets = secrets
    jwt.replace(secrets)
    parts.onJwtChanged()
    return undefined
  })
  watch(sources.passport, 'passportSecretsFile', (secrets) => {
    if (haveCommon(secrets, jwtSecrets)) return COMMON_SECRET
    passportSecrets = secrets
    passport?.replace(secrets)
    return undefined
  })
  return { jwt, passport, watches }
}
