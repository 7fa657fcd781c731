import { ADMIN_PORT } from '../lib/admin-options.js'
import { DEFAULTS } from '../lib/defaults.js'

/** Where a gateway listens to operators, unless it is told otherwise. */
export const DEFAULT_ADMIN_URL = `http://${DEFAULTS.admin.host}:${ADMIN_PORT}`

/** Where operators are listened to, and how they show that they are some. */
export interface AdminAddress {
  adminUrl: URL
  /** `undefined` where there is none. */
  token: string | undefined
}

/**
 * Reads `--admin-url`, or else `ADMIN_URL`, and `ADMIN_TOKEN`.
 * @param problems takes what is wrong with them; then what is returned is of no use
 */
export const parseAdminAddress = (
  given: string | boolean | undefined,
  env: Readonly<Record<string, string | undefined>>,
  problems: string[],
): AdminAddress => {
  const adminUrl = parseAdminUrl(String(given ?? (env['ADMIN_URL'] || DEFAULT_ADMIN_URL)))
  if (!adminUrl) problems.push('--admin-url or ADMIN_URL: must be http://host[:port]')
  const token = env['ADMIN_TOKEN'] || undefined
  if (token !== undefined && !/^[\x21-\x7e]+$/.test(token))
    problems.push('ADMIN_TOKEN: must be visible characters')
  return { adminUrl: adminUrl ?? new URL(DEFAULT_ADMIN_URL), token }
}

const parseAdminUrl = (text: string): URL | undefined => {
  try {
    const url = new URL(text)
    const { protocol, username, password, search, hash } = url
    const isPlain = username + password + search + hash === ''
    return isPlain && (protocol === 'http:' || protocol === 'https:') ? url : undefined
  } catch {
    return undefined
  }
}
