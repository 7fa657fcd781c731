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

/**
 * Keeps at least the last `limit` tokens used, at most twice as many. The key is the whole token:
 * a digest or a part of it could be met by another. A token of more than 2048 characters is not kept, nor
 * one that comes once: what is kept of it costs more than to look at it.
 */
export const createRememberedTokens = <F extends Finding>(limit: number): RememberedTokens<F> => {
  let young = new Map<string, F>()
  let old = new Map<string, F>()
  const seen = createSeen(limit)

  const add = (token: string, finding: F): void => {
    if (young.size >= limit) {
      old = young
      young = new Map()
    }
    young.set(token, finding)
  }

  return {
    get: (token, nowSeconds) => {
      const recent = young.get(token)
      const finding = recent ?? old.get(token)
      if (!finding) return undefined
      if (nowSeconds >= finding.validUntilSeconds) {
        young.delete(token)
        old.delete(token)
        return undefined
      }
      if (!recent) add(token, finding)
      return finding
    },
    meet: (token, finding) => {
      if (limit === 0 || token.length > LONGEST_CHARACTERS) return
      if (seen(token)) add(token, finding)
    },
    clear: () => {
      young = new Map()
      old = new Map()
    },
  }
}

const LONGEST_CHARACTERS = 2048

/**
 * Whether a token has come before, unless more than `limit` others have since: one bit for each, by the
 * last characters of its signature, which no client can choose where it is good. A few are taken for
 * others, and so remembered when they come first.
 */
const createSeen = (limit: number): ((token: string) => boolean) => {
  // A power of two, of which a thirty-second part is ever set.
  const bits = 2 ** Math.ceil(Math.log2(Math.max(limit, LEAST_SEEN) * 32))
  let young = new Uint8Array(bits / 8)
  let old = new Uint8Array(bits / 8)
  let count = 0
  return (token) => {
    let place = 0
    for (let i = token.length - 7; i < token.length; i++)
      place = Math.imul(place, 31) + token.charCodeAt(i)
    place &= bits - 1
    const byte = place >> 3
    const bit = 1 << (place & 7)
    // The place is within both.
    if (((young[byte] as number) | (old[byte] as number)) & bit) return true
    if (++count > limit) {
      ;[young, old] = [old.fill(0), young]
      count = 1
    }
    young[byte] = (young[byte] as number) | bit
    return false
  }
}

const LEAST_SEEN = 1_000
