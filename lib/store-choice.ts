import type { Engine } from './stores/engine.js'
import { createSqliteEngine } from './stores/sqlite.js'

/** What the URL of a store is. */
export const STORE_URL = /^(?:memory:|sqlite:.{1,4096})$/

export const STORE_URL_RULE = 'memory: or sqlite:<file>'

/** The engine of a store's URL; `undefined` for `memory:`, which needs none. */
export const createStore = (
  url: string | undefined,
  { timeoutMs }: { timeoutMs: number },
): Engine | undefined =>
  url?.startsWith(SQLITE)
    ? createSqliteEngine({ file: url.slice(SQLITE.length), timeoutMs })
    : undefined

const SQLITE = 'sqlite:'
