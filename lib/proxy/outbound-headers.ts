import type { Exchange } from '../http/exchange.js'
import { pushEndToEnd, valuesOf } from '../http/headers.js'
import { pushAnnounced } from './trailers.js'
import { isReserved } from './reserved-names.js'
import type { TokenWatch } from './token-watch.js'

/** What the gateway vouches for. */
export interface Identity {
  /** Whose the request is where places are shared out: a user's, or that of a network without a token. */
  user: string
  /** The value of `X-Passport`. */
  passport: string
  /** The value of `X-Proxy-State`. */
  segment: string
  /** The value of `X-Passport-Signature`; `undefined` for none, or for one of `signer`. */
  signature: string | undefined
  /** Signs for one request alone. */
  signer: RequestSigner | undefined
  /** The caller's token; `undefined` when there is none. */
  token: TokenWatch | undefined
  /** The value of `Sec-WebSocket-Protocol` without the token in it; `undefined` leaves it as it is. */
  offeredProtocols: string | undefined
  /** The subprotocol to confirm to the client where the service confirms none. */
  confirmedProtocol: string | undefined
}

/** Gives the value of `X-Passport-Signature` for this request, as the service receives it. */
interface RequestSigner {
  sign(passport: string, segment: string, request: { method: string; path: string }): string
}

export interface OutboundOptions {
  /** The authority of the service behind. */
  authority: string
  /** The path and query, as the service receives them. */
  path: string
  identity: Identity
  /** Whether the request was sent before. */
  isAgain: boolean
}

/** What is the same for all requests of a route. */
export interface OutboundRules {
  /** Whether the service behind may see `Authorization`. */
  passAuthorization: boolean
  /** How this gateway calls itself in `Via`. */
  via: string
  /** Called for each field that is dropped as it is the gateway's own. */
  onForged: () => void
}

/**
 * The fields of the request to the service behind, names and values in turn. Order, letter case and
 * duplicates of what passes survive.
 */
export const outboundHeaders = (
  exchange: Exchange,
  options: OutboundOptions,
  { passAuthorization, via, onForged }: OutboundRules,
): string[] => {
  const { request, client } = exchange
  const { offeredProtocols } = options.identity
  const headers = ['Host', options.authority]
  const isForged = (name: string): boolean => {
    if (!isReserved(name)) return false
    if (!options.isAgain) onForged()
    return true
  }
  const isDropped = (name: string): boolean =>
    isForged(name) ||
    REPLACED.has(name) ||
    (name === 'authorization' && !passAuthorization) ||
    (name === 'sec-websocket-protocol' && offeredProtocols !== undefined) ||
    (!client.isTrustedPeer && isOnlyFromTrusted(name))
  pushEndToEnd(headers, request.rawHeaders, isDropped, exchange.canonicalOf)
  if (offeredProtocols) headers.push('Sec-WebSocket-Protocol', offeredProtocols)
  pushHopByHop(headers, exchange)
  pushFraming(headers, exchange)
  pushForwarding(headers, exchange, via)
  // The client's removals and every forged spelling come first; only then ours.
  pushIdentity(headers, request.method as string, options) // set on every server-side request
  return headers
}

const pushIdentity = (
  headers: string[],
  method: string,
  { identity, path }: OutboundOptions,
): void => {
  const { passport, segment, signer } = identity
  const signature = signer ? signer.sign(passport, segment, { method, path }) : identity.signature
  headers.push('X-Passport', passport)
  headers.push('X-Proxy-State', segment)
  if (signature !== undefined) headers.push('X-Passport-Signature', signature)
}

// Written anew for each request, from what the gateway knows.
const REPLACED: ReadonlySet<string> = new Set([
  'content-length',
  'host',
  'traceparent',
  'tracestate',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-request-id',
])

// They are for the next hop, so each hop says them anew (RFC 9110 Sections 6.6.2, 7.8 and 10.1.4).
const pushHopByHop = (headers: string[], { request, framing, upgrade }: Exchange): void => {
  const raw = request.rawHeaders
  if (framing.kind === 'chunked') pushAnnounced(headers, raw) // node refuses what it cannot send
  const isWelcome = valuesOf(raw, 'te').some((value) => /(^|[,\s])trailers($|[,;\s])/i.test(value))
  if (isWelcome) headers.push('TE', 'trailers')
  if (upgrade) headers.push('Upgrade', upgrade.protocols)
  if (upgrade) headers.push('Connection', isWelcome ? 'Upgrade, TE' : 'Upgrade')
  else if (isWelcome) headers.push('Connection', 'TE, keep-alive')
}

// Where a request came from can be made up by anyone else.
const ONLY_FROM_TRUSTED: ReadonlySet<string> = new Set(['forwarded', 'x-real-ip'])

// Some proxies name the user in one (`X-Forwarded-User`), and services behind them believe it.
const isOnlyFromTrusted = (name: string): boolean =>
  ONLY_FROM_TRUSTED.has(name) || name.startsWith('x-forwarded-')

// For these, a request without framing fields has no body (RFC 9110 Section 8.6).
const MEANINGLESS_BODY: ReadonlySet<string> = new Set(['GET', 'HEAD', 'DELETE', 'OPTIONS'])

// The inbound framing decides, not what is left of it: a request must reach the service as one.
const pushFraming = (headers: string[], { framing, request }: Exchange): void => {
  if (framing.kind === 'chunked') headers.push('Transfer-Encoding', 'chunked')
  else if (framing.kind === 'length') headers.push('Content-Length', String(framing.bytes))
  else if (!MEANINGLESS_BODY.has(request.method as string)) headers.push('Content-Length', '0')
}

const pushForwarding = (
  headers: string[],
  { request, client, requestId, trace }: Exchange,
  via: string,
): void => {
  const chain = client.isTrustedPeer ? valuesOf(request.rawHeaders, 'x-forwarded-for') : []
  headers.push('X-Forwarded-For', [...chain.filter(Boolean), client.peer].join(', '))
  headers.push('X-Forwarded-Proto', client.proto)
  if (client.host !== undefined) headers.push('X-Forwarded-Host', client.host)
  headers.push('X-Request-Id', requestId)
  trace.pushFields(headers)
  // The version is the one in which the request came (RFC 9110 Section 7.6.3).
  headers.push('Via', request.httpVersionMinor === 0 ? via.replace('1.1', '1.0') : via)
}
