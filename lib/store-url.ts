/** Where state is kept: an engine, and what it is told. */
export type StoreUrl =
  | { kind: 'memory' }
  | { kind: 'sqlite'; file: string }
  | { kind: 'postgres'; url: string; isSecure: boolean }
  | { kind: 'redis'; url: string; isSecure: boolean; database: number }

/** Reads the URL of a store; a string says what is wrong with it, and repeats none of it. */
export const parseStoreUrl = (text: string): StoreUrl | string => {
  if (text === 'memory:') return { kind: 'memory' }
  if (text.startsWith(SQLITE)) {
    const file = text.slice(SQLITE.length)
    return NO_FILE.test(file) ? FILE_RULE : { kind: 'sqlite', file }
  }
  const kind = KINDS.get(/^[^:]*:/.exec(text)?.[0].toLowerCase() ?? '')
  if (!kind) return URL_RULE
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url || !isDecodable(url)) return ENCODING_RULE
  if (url.hostname === '') return HOST_RULE
  if (kind === 'redis') return readRedis(url)
  const [mode = LOCAL.has(url.hostname) ? 'disable' : '', ...others] =
    url.searchParams.getAll('sslmode')
  if ((mode !== 'disable' && mode !== 'verify-full') || others.length > 0) return MODE_RULE
  url.searchParams.delete('sslmode')
  if (url.searchParams.size > 0 || url.hash !== '') return QUERY_RULE
  return { kind, url: url.href, isSecure: mode === 'verify-full' }
}

const SQLITE = 'sqlite:'
// What is a URL elsewhere is not taken for the name of a file.
const NO_FILE = /^(?:\s*$|\/\/|:|file:)/
const LOCAL: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]'])
const KINDS: ReadonlyMap<string, 'postgres' | 'redis'> = new Map([
  ['postgres:', 'postgres'],
  ['postgresql:', 'postgres'],
  ['redis:', 'redis'],
  ['rediss:', 'redis'],
])

const URL_RULE =
  'must be memory:, sqlite:<file>, postgres://<host>/<database>, redis://<host> or rediss://<host>'
const FILE_RULE = 'must be sqlite:<file>, as sqlite:./gateway.db or sqlite:/var/lib/gateway.db'
const ENCODING_RULE =
  'must be a URL, in whose user and password whatever is special is encoded: % as %25, @ as %40, / as %2F'
const HOST_RULE = 'must name a host'
const MODE_RULE =
  'must end in ?sslmode=verify-full, or in ?sslmode=disable for a network that nobody listens in on; no other mode verifies the server'
const QUERY_RULE = 'must have nothing behind the path, but for sslmode of postgres'
const DATABASE_RULE = 'must have a number behind the host, as redis://<host>/0, or nothing'

// Each driver takes what cannot be decoded in its own way, or throws.
const isDecodable = ({ username, password, pathname }: URL): boolean => {
  try {
    decodeURIComponent(`${username}:${password}${pathname}`)
    return true
  } catch {
    return false
  }
}

const readRedis = (url: URL): StoreUrl | string => {
  if (url.search !== '' || url.hash !== '') return QUERY_RULE
  if (!/^\/?\d{0,5}$/.test(url.pathname)) return DATABASE_RULE
  const isSecure = url.protocol === 'rediss:'
  return { kind: 'redis', url: url.href, isSecure, database: Number(url.pathname.slice(1)) }
}

/** Whether it holds a password, which then must not be where others can read it. */
export const hasPassword = (text: string): boolean =>
  URL.canParse(text) && new URL(text).password !== ''
