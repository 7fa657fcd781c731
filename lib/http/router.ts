import type { Exchange } from './exchange.js'
import { isFoldable, readingsOf } from './spelling.js'

export type Handler = (exchange: Exchange) => void | Promise<void>

export interface Route {
  /** A path, or a prefix that ends in `/*`. Compared byte for byte with the path as it came. */
  pattern: string
  /** The handler of each method; HEAD is answered as GET is. Or one handler for all. */
  methods: Readonly<Record<string, Handler>> | Handler
}

type Match =
  | { pattern: string; handler: Handler }
  | { pattern: string; allow: string }
  | { pattern: string; isAmbiguous: true }
  | undefined

/**
 * Finds the handler of a request, the methods that the path has instead, or `undefined`; or that the
 * path could be read as one of another route.
 */
export type Router = (method: string, path: string) => Match

interface Row {
  pattern: string
  find: (method: string) => Handler | undefined
  allow: string
}

/** Builds a router: exact paths first, then the longest prefix. However many, it costs the same. */
export const createRouter = (routes: readonly Route[]): Router => {
  const rows = routes.map(({ pattern, methods }): Row => {
    const own = typeof methods === 'function' ? anyOf(methods) : oneOf(methods)
    return { pattern, find: own.find, allow: own.allow }
  })
  const findRow = createTable(rows, (path) => [path])
  const findRead = createTable(rows, readingsOf)
  const patterns = routes.map(({ pattern }) => pattern)
  // Where there is one route alone, it may still be only a part of what its service has.
  const isCrowded =
    patterns.filter((pattern) => pattern.endsWith('/*')).length > 1 ||
    patterns.some((pattern) => patterns.includes(`${pattern}/*`))
  // Then a path that can be read in one way alone is of the row that it was found at.
  const arePlain = !patterns.some(isFoldable)
  const isElsewhere = (path: string, row: Row): boolean =>
    isCrowded &&
    !(arePlain && !isFoldable(path)) &&
    !readingsOf(path).every((reading) => findRead(reading).includes(row))

  return (method, path) => {
    const [row] = findRow(path)
    if (!row) return undefined
    const { pattern, allow } = row
    // What a service could take for a path of another route would walk round that route's rules.
    if (isElsewhere(path, row)) return { pattern, isAmbiguous: true }
    const handler = row.find(method)
    return handler ? { pattern, handler } : { pattern, allow }
  }
}

const NO_ROWS: readonly Row[] = []

/** Finds the rows whose pattern, with its path in one of the ways that `as` has it, is nearest to a path. */
const createTable = (
  rows: readonly Row[],
  as: (path: string) => readonly string[],
): ((path: string) => readonly Row[]) => {
  const exact = new Map<string, Row[]>()
  const prefixes = new Map<string, Row[]>()
  for (const row of rows) {
    const isPrefix = row.pattern.endsWith('/*')
    const table = isPrefix ? prefixes : exact
    for (const key of as(isPrefix ? row.pattern.slice(0, -1) : row.pattern))
      table.set(key, [...(table.get(key) ?? []), row])
  }
  const lengths = [...new Set([...prefixes.keys()].map(({ length }) => length))]
  lengths.sort((a, b) => b - a)

  return (path) => {
    const found = exact.get(path)
    if (found) return found
    for (const length of lengths) {
      const below = path[length - 1] === '/' ? prefixes.get(path.slice(0, length)) : undefined
      if (below) return below
    }
    return NO_ROWS
  }
}

const anyOf = (handler: Handler): Omit<Row, 'pattern'> => ({
  // TRACE would give credentials back in a body (RFC 9110 Section 9.3.8).
  find: (method) => (method === 'TRACE' || method === 'CONNECT' ? undefined : handler),
  allow: 'DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT',
})

const oneOf = (methods: Readonly<Record<string, Handler>>): Omit<Row, 'pattern'> => {
  const handlers = new Map(Object.entries(methods))
  const get = handlers.get('GET')
  if (get) handlers.set('HEAD', get)
  return { find: (method) => handlers.get(method), allow: [...handlers.keys()].sort().join(', ') }
}
