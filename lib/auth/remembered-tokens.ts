/** What was found out about a token. */
interface Finding {
  /** Until when it holds, in Unix seconds. */
  readonly validUntilSeconds: number
}

/** Tokens that were looked at, so that the same one need not be looked at again. */
export interface RememberedTokens<F extends Finding> {
  /** What was found, as long as it holds at `nowSeconds`. */
  get(token: string, nowSeconds: number): F | undefined
  /** Remembers a token that comes for the second time; of one that has not come yet, only that it has. */
  meet(token: string, finding: F): void
  /** Forgets them all. */
  clear(): void
}

interface Entry<F> {
  readonly token: string
  readonly finding: F
}

/**
 * Keeps at least the last `limit` tokens used, at most twice as many. It is looked for by the end of its
 * signature, as V8 takes longer to hash all of a token than for anything else here, and it is found if the
 * whole of it is the same: a digest or a part of it could be met by another. A token of more than 2048
 * characters is not kept, nor one that comes once: what is kept of it costs more than to look at it.
 */
export const createRememberedTokens = <F extends Finding>(limit: number): RememberedTokens<F> => {
  let young = new Map<string, Entry<F>>()
  let old = new Map<string, Entry<F>>()
  const seen = new Seen(limit)

  const add = (end: string, entry: Entry<F>): void => {
    if (young.size >= limit) {
      old = young
      young = new Map()
    }
    young.set(end, entry)
  }

  return {
    get: (token, nowSeconds) => {
      // Most of those that come once are known by a bit, and looked for no further.
      const place = seen.placeOf(token)
      if (!seen.has(place)) return undefined
      const end = endOf(token)
      const recent = young.get(end)
      const entry = recent ?? old.get(end)
      if (entry?.token !== token) return undefined
      if (nowSeconds >= entry.finding.validUntilSeconds) {
        young.delete(end)
        old.delete(end)
        return undefined
      }
      if (!recent) add(end, entry)
      seen.add(place)
      return entry.finding
    },
    meet: (token, finding) => {
      if (limit === 0 || token.length > LONGEST_CHARACTERS) return
      const place = seen.placeOf(token)
      if (seen.has(place)) add(endOf(token), { token, finding })
      else seen.add(place)
    },
    clear: () => {
      young = new Map()
      old = new Map()
    },
  }
}

const LONGEST_CHARACTERS = 2048
// 120 bits of a signature: no two that are good have the same.
const END_CHARACTERS = 20

const endOf = (token: string): string => token.slice(-END_CHARACTERS)

/**
 * Which tokens have come, as long as not more than `limit` others have since: one bit for each, by the last
 * characters of its signature, which no client can choose where it is good. A few are taken for others, and
 * so remembered when they come first.
 */
class Seen {
  readonly #limit: number
  readonly #mask: number
  #young: Uint8Array
  #old: Uint8Array
  #count = 0

  constructor(limit: number) {
    this.#limit = limit
    // A power of two, of which a thirty-second part is ever set.
    const bits = 2 ** Math.ceil(Math.log2(Math.max(limit, LEAST_SEEN) * 32))
    this.#mask = bits - 1
    this.#young = new Uint8Array(bits / 8)
    this.#old = new Uint8Array(bits / 8)
  }

  placeOf(token: string): number {
    let place = 0
    for (let i = token.length - 7; i < token.length; i++)
      place = Math.imul(place, 31) + token.charCodeAt(i)
    return place & this.#mask
  }

  has(place: number): boolean {
    return isSet(this.#young, place) || isSet(this.#old, place)
  }

  add(place: number): void {
    if (isSet(this.#young, place)) return
    if (++this.#count > this.#limit) {
      ;[this.#young, this.#old] = [this.#old.fill(0), this.#young]
      this.#count = 1
    }
    const byte = place >> 3
    this.#young[byte] = (this.#young[byte] as number) | (1 << (place & 7)) // within it
  }
}

const isSet = (bits: Uint8Array, place: number): boolean =>
  ((bits[place >> 3] as number) & (1 << (place & 7))) !== 0 // within them

const LEAST_SEEN = 1_000
