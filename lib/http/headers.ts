/** Names and values in turn, as in `IncomingMessage.rawHeaders`: order, letter case and duplicates survive. */
export type RawHeaders = readonly string[]

/**
 * The form in which names are compared for forgery: lower case, each non-alphanumeric a `-`.
 * Servers that fold names into variables (CGI, WSGI, Rack) make no difference between `X_A`, `X.A` and `X-A`.
 */
export const canonicalName = (name: string): string => {
  const lower = name.toLowerCase()
  return PLAIN_NAME.test(lower) ? lower : lower.replace(/[^a-z0-9]/g, '-')
}

/** All values of a field, in order; `lowerName` in lower case. */
export const valuesOf = (raw: RawHeaders, lowerName: string): string[] => {
  const values: string[] = []
  for (let i = 0; i < raw.length; i += 2)
    // rawHeaders holds pairs
    if (isNamed(raw[i] as string, lowerName)) values.push(raw[i + 1] as string)
  return values
}

// Most names differ in length already.
const isNamed = (name: string, lowerName: string): boolean =>
  name.length === lowerName.length && name.toLowerCase() === lowerName

/** Whether there is a field that `isWanted` says of its canonical name. */
export const hasField = (raw: RawHeaders, isWanted: (canonical: string) => boolean): boolean => {
  for (let i = 0; i < raw.length; i += 2) if (isWanted(canonicalName(raw[i] as string))) return true // rawHeaders holds pairs
  return false
}

/**
 * Appends to `out` the fields that may travel to the next hop: without the hop-by-hop ones of
 * RFC 9110 Section 7.6.1, without those that `Connection` nominates, and without every name that
 * `isOwn` claims in its canonical form.
 */
export const pushEndToEnd = (
  out: string[],
  raw: RawHeaders,
  isOwn: (canonical: string) => boolean,
  canonicalOf: (name: string) => string = canonicalName,
): void => {
  const nominated = nominatedNames(raw)
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i] as string // rawHeaders holds pairs
    const canonical = canonicalOf(name)
    if (HOP_BY_HOP.has(canonical) || nominated.has(canonical) || isOwn(canonical)) continue
    out.push(name, raw[i + 1] as string)
  }
}

const PLAIN_NAME = /^[a-z0-9-]*$/

const HOP_BY_HOP: ReadonlySet<string> = new Set([
  'connection',
  'http2-settings',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

// A sender must not nominate a field meant for all recipients (RFC 9110 Section 7.6.1): doing so is
// an attempt to have a proxy remove what protects the service behind it.
const NEVER_NOMINATED: ReadonlySet<string> = new Set(
  `accept accept-encoding accept-language accept-ranges age allow authorization cache-control
  content-disposition content-encoding content-language content-length content-location content-range
  content-security-policy content-type cookie date etag expect expires forwarded from host
  idempotency-key if-match if-modified-since if-none-match if-range if-unmodified-since last-modified
  link location max-forwards origin pragma range referer retry-after server set-cookie
  strict-transport-security traceparent tracestate user-agent vary via www-authenticate x-real-ip
  x-request-id x-content-type-options x-frame-options`.split(/\s+/),
)

const NONE: ReadonlySet<string> = new Set()

const nominatedNames = (raw: RawHeaders): ReadonlySet<string> => {
  let names: Set<string> | undefined
  for (let i = 0; i < raw.length; i += 2) {
    if (raw[i]?.length !== 10 || raw[i]?.toLowerCase() !== 'connection') continue
    for (const token of (raw[i + 1] as string).split(',')) {
      const name = canonicalName(token.trim())
      if (!isProtected(name)) (names ??= new Set()).add(name)
    }
  }
  return names ?? NONE
}

const isProtected = (name: string): boolean =>
  NEVER_NOMINATED.has(name) || name.startsWith('x-passport') || name.startsWith('x-forwarded-')
