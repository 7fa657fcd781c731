/** A request target that is safe to route and to send on, unchanged. */
export interface Target {
  /** Begins with `/`; not decoded. */
  path: string
  /** Empty, or begins with `?`. */
  query: string
}

/**
 * Splits a request target (RFC 9112 Section 3.2) into path and query, byte for byte as it came.
 * `undefined` when it is refused: what a service behind could read as another path than the one
 * that was judged here, and an absolute form whose authority is not that of `host`.
 */
export const parseTarget = (url: string, host: string | undefined): Target | undefined => {
  const origin = url.startsWith('/') ? url : originForm(url, host)
  if (origin === undefined || !/^[\x21-\x7e]+$/.test(origin) || origin.includes('#'))
    return undefined
  const mark = origin.indexOf('?')
  const path = mark < 0 ? origin : origin.slice(0, mark)
  if (isSuspect(path) && AMBIGUOUS.test(path)) return undefined
  return { path, query: mark < 0 ? '' : origin.slice(mark) }
}

// Nearly no path has one of these, without which none is ambiguous.
const isSuspect = (path: string): boolean =>
  path.includes('%') || path.includes('/.') || path.includes('\\')

// In order: a backslash, plain or encoded, and an encoded slash; an encoded control character; bytes
// that no UTF-8 has or that begin an overlong encoding; a percent sign that encodes nothing; a dot
// segment, plain or encoded, also with the `;parameters` that some servers cut off.
const AMBIGUOUS =
  /\\|%5c|%2f|%[01][0-9a-f]|%7f|%c[01]|%e0%[89]|%f0%8|%f[5-9a-f]|%(?![0-9a-f]{2})|\/(?:\.|%2e){1,2}(?:$|\/|;|%3b)/i

const originForm = (url: string, host: string | undefined): string | undefined => {
  const parts = /^https?:\/\/([^/?#]*)(\/[^]*|\?[^]*)?$/i.exec(url)
  if (!parts || parts[1]?.toLowerCase() !== host?.toLowerCase()) return undefined
  const rest = parts[2] ?? '/'
  return rest.startsWith('/') ? rest : `/${rest}`
}
