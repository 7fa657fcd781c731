import type { Exchange } from './exchange.js'

export type Handler = (exchange: Exchange) => void | Promise<void>

export interface Route {
  /** A path, or a prefix that ends in `/*`. Compared byte for byte with the path as it came. */
  pattern: string
  /** The handler of each method; HEAD is answered as GET is. Or one handler for all. */
  methods: Readonly<Record<string, Handler>> | Handler
}

type Match = { pattern: string; handler: Handler } | { pattern: string; allow: string } | undefined

/** Finds the handler of a request, the methods that the path has instead, or `undefined`. */
export type Router = (method: string, path: string) => Match

interface Row {
  pattern: string
  find: (method: string) => Handler | undefined
  allow: string
}

/** Builds a router: exact paths first, then the longest prefix. However many, it costs the same. */
export const createRouter = (routes: readonly Route[]): Router => {
  const exact = new Map<string, Row>()
  const prefixes = new Map<string, Row>()
  for (const { pattern, methods } of routes) {
    const row = { pattern, ...(typeof methods === 'function' ? anyOf(methods) : oneOf(methods)) }
    if (pattern.endsWith('/*')) prefixes.set(pattern.slice(0, -1), row)
    else exact.set(pattern, row)
  }
  const lengths = [...new Set([...prefixes.keys()].map(({ length }) => length))]
  lengths.sort((a, b) => b - a)

  const findPrefix = (path: string): Row | undefined => {
    for (const length of lengths) {
      if (path[length - 1] !== '/') continue
      const row = prefixes.get(path.slice(0, length))
      if (row) return row
    }
    return undefined
  }

  return (method, path) => {
    const row = exact.get(path) ?? findPrefix(path)
    if (!row) return undefined
    const handler = row.find(method)
    return handler ? { pattern: row.pattern, handler } : { pattern: row.pattern, allow: row.allow }
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
