/** Where a target listens, and how it is addressed. */
export interface TargetAddress {
  /** `https:` where TLS is spoken. */
  protocol: 'http:' | 'https:'
  /** Options of `net.connect`. */
  connect: { host: string; port: number } | { path: string }
  /** The value of `Host`. */
  authority: string
  /** What stands before each path, without a slash at its end. */
  basePath: string
}

export const TARGET_URL_RULE =
  'must be http://host[:port][/path], https://host[:port][/path] or unix:/path/of/socket'

/**
 * Reads the URL of a target: `http:` or `https:` with host, port and path, without credentials, query
 * and fragment; or `unix:` and the absolute path of a socket, where `Host` is `localhost`.
 * @throws RangeError for anything else; its message does not repeat it
 */
export const parseTargetUrl = (text: string): TargetAddress => {
  if (text.startsWith('unix:/'))
    return {
      protocol: 'http:',
      connect: { path: text.slice(5) },
      authority: 'localhost',
      basePath: '',
    }
  const url = URL.canParse(text) ? new URL(text) : undefined
  const defaultPort = DEFAULT_PORTS.get(url?.protocol)
  const isPlain = url?.username === '' && url.password === '' && !/[?#]/.test(text)
  if (!url || !defaultPort || !isPlain || url.port === '0') throw new RangeError(TARGET_URL_RULE)
  return {
    protocol: url.protocol === 'https:' ? 'https:' : 'http:',
    connect: {
      host: url.hostname.replace(/^\[|\]$/g, ''),
      port: url.port === '' ? defaultPort : Number(url.port),
    },
    authority: url.host,
    basePath: url.pathname.replace(/\/+$/, ''),
  }
}

const DEFAULT_PORTS: ReadonlyMap<string | undefined, number> = new Map([
  ['http:', 80],
  ['https:', 443],
])
