import type { Caller } from './caller.js'

/** Tokens that were verified, so that the same one need not be verified again. */
export interface RememberedTokens {
  /** The caller, as long as neither the token nor its key has expired at `nowSeconds`. */
  get(token: string, nowSeconds: number): Caller | undefined
  set(token: string, caller: Caller): void
  /** Forgets them all. */
  clear(): void
}

/**
 * Keeps at least the last `limit` tokens used, at most twice as many. The key is the whole token:
 * a digest or a part of it could be met by another. A token of more than 2048 characters is not kept.
 */
export const createRememberedTokens = (limit: number): RememberedTokens => {
  let young = new Map<string, Caller>()
  let old = new Map<string, Caller>()

  const add = (token: string, caller: Caller): void => {
    if (limit === 0 || token.length > LONGEST_CHARACTERS) return
    if (young.size >= limit) {
      old = young
      young = new Map()
    }
    young.set(token, caller)
  }

  return {
    get: (token, nowSeconds) => {
      const recent = young.get(token)
      const caller = recent ?? old.get(token)
      if (!caller) return undefined
      if (nowSeconds >= caller.validUntilSeconds) {
        young.delete(token)
        old.delete(token)
        return undefined
      }
      if (!recent) add(token, caller)
      return caller
    },
    set: add,
    clear: () => {
      young = new Map()
      old = new Map()
    },
  }
}

const LONGEST_CHARACTERS = 2048
