import { isIP } from 'node:net'

/**
 * Whose address this is: for IPv6 the network of 64 bits, which one subscriber has whole (RFC 6177), in
 * one spelling; otherwise the address itself.
 */
export const networkOf = (address: string): string => {
  if (isIP(address) !== 6) return address
  const [plain = ''] = address.split('%')
  const [head = '', tail] = plain.split('::')
  const groups = groupsOf(head)
  if (tail !== undefined) {
    const missing = GROUPS - groups.length - groupsOf(tail).length
    groups.push(...Array.from({ length: missing }, () => '0'), ...groupsOf(tail))
  }
  const network = groups.slice(0, GROUPS / 2).map((group) => parseInt(group, 16).toString(16))
  return `${network.join(':')}::/64`
}

const GROUPS = 8

// Four bytes that are written as in IPv4 stand for two groups, which are in no network.
const groupsOf = (text: string): string[] =>
  text === '' ? [] : text.split(':').flatMap((group) => (group.includes('.') ? ['0', '0'] : group))
