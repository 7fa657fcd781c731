import fc from 'fast-check'
import { isIP, type LookupFunction } from 'node:net'
import { createClientResolver, createTrust } from '../../lib/http/client-address.js'
import { createLookup, type Resolve } from '../../lib/proxy/addresses.js'
import { hold, same, search, type Search } from './search.js'

/** An address as the number that it is. */
interface Address {
  family: 4 | 6
  value: bigint
}

const width = (family: 4 | 6): number => (family === 4 ? 32 : 128)

// Few bits are set, so that ranges are met, and the prefix of IPv4 in IPv6 too.
const address: fc.Arbitrary<Address> = fc.oneof(
  fc
    .constantFrom(0x0a00_0000n, 0x0a00_0001n, 0xc000_0201n, 0n, 0xffff_ffffn)
    .chain((base) =>
      fc
        .nat(3)
        .map((more): Address => ({ family: 4, value: (base + BigInt(more)) & 0xffff_ffffn })),
    ),
  fc
    .constantFrom(0x2001_0db8n << 96n, 0n, 1n << 127n, 0xfffe_0a00_0000n, 0xfe80n << 112n)
    .chain((base) => fc.nat(3).map((more): Address => ({ family: 6, value: base + BigInt(more) }))),
)

const spell = ({ family, value }: Address, isUpper: boolean, isMapped: boolean): string => {
  if (family === 4) {
    const bytes = [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 255n).join('.')
    if (!isMapped) return bytes
    return isUpper
      ? `::FFFF:${bytes}`
      : spell({ family: 6, value: (0xffffn << 32n) | value }, false, true)
  }
  const groups = Array.from({ length: 8 }, (_, i) => (value >> BigInt(112 - 16 * i)) & 0xffffn)
  const text = groups.map((group) => group.toString(16)).join(':')
  const short = isMapped ? text.replace(/(^|:)0(:0)+(:|$)/, '::') : text
  return isUpper ? short.toUpperCase() : short
}

const spelt = fc
  .tuple(address, fc.boolean(), fc.boolean())
  .map(([of, isUpper, isMapped]) => ({ of, text: spell(of, isUpper, isMapped) }))
const range = fc.tuple(address, fc.integer({ min: 0, max: 128 })).map(([of, size]) => {
  const bits = Math.min(size, width(of.family))
  return { of, bits, text: `${spell(of, false, false)}/${bits}` }
})

const isIn = (one: Address, { of, bits }: { of: Address; bits: number }): boolean => {
  const rest = BigInt(width(of.family) - bits)
  return one.family === of.family && one.value >> rest === of.value >> rest
}

const resolverOf = (trusted: readonly string[], peer: string, chain: string) =>
  createClientResolver(trusted)({
    socket: { remoteAddress: peer },
    headers: {},
    rawHeaders: ['X-Forwarded-For', chain],
  } as never) // only what it reads

const junk = fc.constantFrom('', 'unknown', '10.0.0', '[::1', '1.2.3.4.5', ':', '_hidden', '\xe9')
const lookUp = (look: LookupFunction): Promise<string | undefined> =>
  new Promise((resolve) => {
    look('service', {}, (error, found) => resolve(error ? undefined : (found as string)))
  })

export const searches: readonly Search[] = [
  search(
    'trusted-ranges',
    fc.tuple(fc.array(range, { maxLength: 3 }), spelt),
    ['trusted', 'not'],
    ([ranges, { of, text }]) => {
      const expected = ranges.some((one) => isIn(of, one))
      const { isTrustedPeer } = resolverOf(
        ranges.map((one) => one.text),
        text,
        '',
      )
      same(isTrustedPeer, expected, `${text} in ${ranges.map((one) => one.text).join()}`)
      return expected ? 'trusted' : 'not'
    },
  ),
  search(
    'forwarded-for',
    fc.tuple(
      fc.array(range, { maxLength: 3 }),
      spelt,
      fc.array(fc.oneof({ weight: 4, arbitrary: spelt }, junk), { maxLength: 5 }),
    ),
    ['forwarded', 'not'],
    ([ranges, peer, chain]) => {
      const hops = [...chain, peer]
      let client: Address = peer.of
      for (let i = hops.length - 2; i >= 0; i--) {
        const hop = hops[i] as (typeof hops)[number]
        if (typeof hop === 'string' || !ranges.some((one) => isIn(client, one))) break
        client = hop.of
      }
      const texts = chain.map((hop) => (typeof hop === 'string' ? hop : hop.text))
      const trusted = ranges.map((one) => one.text)
      const found = resolverOf(trusted, peer.text, texts.join(', ')).address
      hold(isIP(found) !== 0, `${found} is an address`)
      const isSame = createTrust([spell(client, false, false)])(found)
      hold(isSame, `${texts.join()}, ${peer.text} by ${trusted.join()}: ${found}`)
      return client === peer.of ? 'not' : 'forwarded'
    },
  ),
  search(
    'ranges-text',
    fc.string({ unit: fc.constantFrom(...'0123456789abf.:/ %-'.split('')) }),
    ['refused'],
    (text) => {
      try {
        createTrust([text])
      } catch (error) {
        hold(error instanceof RangeError, String(error))
        return 'refused'
      }
      const [given = '', bits] = text.split('/')
      hold(isIP(given) !== 0 && Number(bits ?? 0) <= width(isIP(given) as 4 | 6), text)
      return 'taken'
    },
  ),
  search(
    'look-ups',
    fc.array(
      fc.option(fc.array(fc.constantFrom('192.0.2.1', '192.0.2.2', '192.0.2.3'), { maxLength: 3 })),
      { maxLength: 12 },
    ),
    ['found', 'last known', 'nothing'],
    async (answers) => {
      let next: string[] | null = null
      const resolve: Resolve = (_name, _options, done) => {
        if (next)
          done(
            null,
            next.map((text) => ({ address: text, family: 4 })),
          )
        else done(new Error('away'), [])
      }
      const look = createLookup(resolve)
      let known: string[] = []
      let kind = 'nothing'
      for (const answer of answers) {
        next = answer
        if (answer && answer.length > 0) known = answer
        const found = await lookUp(look)
        hold(known.length > 0 ? known.includes(found ?? '') : found === undefined, `${found}`)
        if (found) kind = answer?.length ? 'found' : 'last known'
      }
      return kind
    },
  ),
]
