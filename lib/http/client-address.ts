import type { IncomingMessage } from 'node:http'
import { BlockList, isIP, type Socket } from 'node:net'
import { valuesOf } from './headers.js'

/** Who sent a request, as far as it can be believed. */
export interface Client {
  /** The client's address: the peer's own, or the one that trusted proxies report. */
  address: string
  /** The address at the other end of the connection. */
  peer: string
  /** Whether the peer is a proxy whose forwarding fields are believed. */
  isTrustedPeer: boolean
  proto: 'http' | 'https'
  /** The host that the client asked for. */
  host: string | undefined
}

export type ClientResolver = (request: IncomingMessage) => Client

/**
 * Builds the resolver. `trusted` holds addresses and CIDR ranges of proxies. The client is the last
 * address in `X-Forwarded-For` that is not one of them: everything before it can be made up.
 * @throws RangeError for what is neither an address nor a range
 */
export const createClientResolver = (trusted: readonly string[]): ClientResolver => {
  const isTrusted = createTrust(trusted)
  return (request) => {
    const peer = peerOf(request.socket)
    const isTrustedPeer = isTrusted(peer)
    const proto = 'encrypted' in request.socket ? 'https' : 'http'
    const { host } = request.headers
    if (!isTrustedPeer) return { address: peer, peer, isTrustedPeer, proto, host }
    const forwardedProto = lastOf(request, 'x-forwarded-proto')?.toLowerCase()
    return {
      address: forwardedAddress(request, isTrusted) ?? peer,
      peer,
      isTrustedPeer,
      proto: forwardedProto === 'http' || forwardedProto === 'https' ? forwardedProto : proto,
      host: lastOf(request, 'x-forwarded-host') ?? host,
    }
  }
}

/**
 * Whether an address is one of these addresses and CIDR ranges.
 * @throws RangeError for what is neither
 */
export const createTrust = (trusted: readonly string[]): ((address: string) => boolean) => {
  const ranges = parseRanges(trusted)
  return (address) => ranges[isIP(address)]?.check(address, familyOf(address)) === true
}

/** The address at the other end; empty where it is gone already. */
export const peerOf = ({ remoteAddress = '' }: Pick<Socket, 'remoteAddress'>): string =>
  plainAddress(remoteAddress)

// A list for each family: of one for both, `::/0` would hold all of IPv4, which it embeds.
const parseRanges = (trusted: readonly string[]): Readonly<Record<number, BlockList>> => {
  const ranges: Record<number, BlockList> = {}
  for (const entry of trusted) {
    const [given = '', prefix, ...rest] = entry.split('/')
    const address = plainAddress(given)
    const family = isIP(address)
    // Of an IPv4 address in IPv6 the first bits only say that it is one.
    const offset = address === given ? 0 : MAPPED_BITS
    const bits = prefix === undefined ? MOST_BITS[family] : Number(prefix) - offset
    const isValid =
      family !== 0 &&
      rest.length === 0 &&
      (prefix === undefined || /^\d{1,3}$/.test(prefix)) &&
      (bits as number) >= 0 &&
      (bits as number) <= (MOST_BITS[family] as number)
    if (!isValid) throw new RangeError(`not an IP address or CIDR range: ${entry}`)
    ranges[family] ??= new BlockList()
    ranges[family].addSubnet(address, bits as number, familyOf(address))
  }
  return ranges
}

const MAPPED_BITS = 96
const MOST_BITS: Record<number, number> = { 4: 32, 6: 128 }

const familyOf = (address: string): 'ipv4' | 'ipv6' => (isIP(address) === 4 ? 'ipv4' : 'ipv6')

// A dual-stack socket reports IPv4 peers as ::ffff:a.b.c.d (RFC 4291 Section 2.5.5.2), of which there are
// other spellings, in what proxies and people write.
const plainAddress = (address: string): string => {
  if (!/^[0:]*:ffff:/i.test(address) || isIP(address) === 0 || address.includes('%')) return address
  if (/^::ffff:\d+\.[\d.]+$/i.test(address)) return address.slice(7)
  const [, high, low] = MAPPED.exec(new URL(`http://[${address}]`).hostname) ?? []
  if (high === undefined || low === undefined) return address
  const bits = parseInt(high, 16) * 65_536 + parseInt(low, 16)
  return [24, 16, 8, 0].map((shift) => (bits >>> shift) & 255).join('.')
}

const MAPPED = /^\[::ffff:([\da-f]+):([\da-f]+)\]$/

const listOf = (request: IncomingMessage, lowerName: string): string[] =>
  valuesOf(request.rawHeaders, lowerName)
    .join(',')
    .split(',')
    .map((part) => part.trim())

const lastOf = (request: IncomingMessage, lowerName: string): string | undefined =>
  listOf(request, lowerName).at(-1) || undefined

const forwardedAddress = (
  request: IncomingMessage,
  isTrusted: (address: string) => boolean,
): string | undefined => {
  const chain = listOf(request, 'x-forwarded-for')
  let nearest: string | undefined
  for (let i = chain.length - 1; i >= 0; i--) {
    const address = plainAddress(withoutPort(chain[i] as string))
    if (isIP(address) === 0) return nearest // what no proxy of ours wrote
    nearest = address
    if (!isTrusted(address)) return nearest
  }
  return nearest
}

const withoutPort = (node: string): string =>
  /^\[(.*)\](?::\d+)?$/.exec(node)?.[1] ?? /^([\d.]+):\d+$/.exec(node)?.[1] ?? node
