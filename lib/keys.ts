import type { Clock } from './clock.js'
import type { Config } from './config.js'
import { fingerprintOf, watchFiles, type FileWatch } from './file-watch.js'
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
  const { clock, log, onJwtChanged } = parts
  const sources = ringSources(config)
  const watches: FileWatch[] = []
  let jwtSecrets: readonly Secret[] = []
  let passportSecrets: readonly Secret[] = []

  // Gives the secrets of a source, and hands those that come later to `replace`, which may refuse them.
  const follow = (
    source: RingSource,
    option: string,
    replace: (secrets: readonly Secret[]) => string | undefined,
  ): readonly Secret[] => {
    const { file } = source
    if (file === undefined) return loadRing(source, option)
    const reload = (isRetry: boolean): boolean => {
      const { secrets, problems } = readRing(source, option)
      const [problem] = problems
      const cause = problem ? `${problem.option}: ${problem.detail}` : replace(secrets)
      const kids = secrets.map(({ kid }) => kid).join(',')
      if (cause === undefined) log({ event: 'secrets_reloaded', option, kids })
      else if (!isRetry) log({ event: 'secrets_reload_failed', option, cause })
      return cause === undefined
    }
    const fingerprint = (): string => fingerprintOf([file])
    const seen = fingerprint()
    const secrets = loadRing(source, option)
    const { filesCheckMs: everyMs } = config
    watches.push(watchFiles({ fingerprint, seen, everyMs, clock, onChanged: reload }))
    return secrets
  }

  jwtSecrets = follow(sources.jwt, 'jwtSecretsFile', (secrets) => {
    if (haveCommon(secrets, passportSecrets)) return COMMON_SECRET
    jwtSecrets = secrets
    jwt.replace(secrets)
    onJwtChanged()
    return undefined
  })
  passportSecrets = follow(sources.passport, 'passportSecretsFile', (secrets) => {
    if (haveCommon(secrets, jwtSecrets)) return COMMON_SECRET
    passportSecrets = secrets
    passport?.replace(secrets)
    return undefined
  })
  const jwt = createKeyRing(jwtSecrets)
  const passport = passportSecrets.length > 0 ? createKeyRing(passportSecrets) : undefined
  return { jwt, passport, watches }
}
