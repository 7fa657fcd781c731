import { createRequire } from 'node:module'

/** The version of this package. */
export const readVersion = (): string => {
  const require = createRequire(import.meta.url)
  return (require('passport-gateway/package.json') as { version: string }).version
}
