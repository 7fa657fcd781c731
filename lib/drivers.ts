import { createRequire } from 'node:module'

/** A package that is needed for some stores alone. */
export type DriverName = 'pg' | 'ioredis'

/** The package; `undefined` where it is not installed. */
export const loadDriver = (name: DriverName): unknown => {
  try {
    return require(name) as unknown
  } catch {
    return undefined
  }
}

const require = createRequire(import.meta.url)
