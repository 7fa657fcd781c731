import type { Socket } from 'node:net'
import { createTrust, peerOf } from './client-address.js'

export interface AddressLimitOptions {
  /** How many connections one address may have at once. */
  limit: number
  /** Addresses and CIDR ranges of proxies, behind which many clients are. */
  trusted: readonly string[]
  /** Whose an address is. */
  networkOf: (address: string) => string
}

/** Takes a place for a connection until it is closed; `false` where its address has none left. */
export type AddressLimit = (socket: Socket) => boolean

export const createAddressLimit = ({
  limit,
  trusted,
  networkOf,
}: AddressLimitOptions): AddressLimit => {
  const isTrusted = createTrust(trusted)
  const counts = new Map<string, number>()
  return (socket) => {
    const peer = peerOf(socket)
    if (isTrusted(peer)) return true
    const network = networkOf(peer)
    const count = counts.get(network) ?? 0
    if (count >= limit) return false
    counts.set(network, count + 1)
    socket.once('close', () => {
      const left = (counts.get(network) as number) - 1 // it was counted above
      if (left > 0) counts.set(network, left)
      else counts.delete(network)
    })
    return true
  }
}
