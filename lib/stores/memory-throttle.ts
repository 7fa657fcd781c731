import { randomInt } from 'node:crypto'
import type { Clock } from '../clock.js'
import type { Attempts, ThrottleStore } from '../throttle/throttle-store.js'

export interface MemoryThrottleOptions {
  clock: Clock
  /** How many keys are counted one by one. */
  limitKeys: number
  /** Among how many counts all others are shared out. Default 4096. */
  sharedCounts?: number
}

interface Window {
  count: number
  endsMs: number
}

/**
 * Attempts in a `Map`. When it is full no window is forgotten before it ends: keys that have none
 * share counts with others, so they may be refused too early, but never too late.
 */
export const createMemoryThrottle = (options: MemoryThrottleOptions): ThrottleStore => {
  const { clock, limitKeys, sharedCounts = DEFAULT_SHARED_COUNTS } = options
  // In the order of their ends, as long as every window is as long.
  const windows = new Map<string, Window>()
  const shared = new Map<number, Window>()
  const seed = randomInt(2 ** 32)

  const begin = (key: string, nowMs: number, windowMs: number): Window => {
    windows.delete(key)
    const window = { count: 0, endsMs: nowMs + windowMs }
    for (const [old, { endsMs }] of windows) {
      if (endsMs > nowMs) break
      windows.delete(old)
    }
    if (windows.size < limitKeys) {
      windows.set(key, window)
      return window
    }
    const place = hash(key, seed) % sharedCounts
    const found = shared.get(place)
    if (found && found.endsMs > nowMs) return found
    shared.set(place, window)
    return window
  }

  return {
    count: async (key, windowMs): Promise<Attempts> => {
      const nowMs = clock.monotonic()
      const known = windows.get(key)
      const isRunning = known && known.endsMs > nowMs && known.endsMs <= nowMs + windowMs
      const window = isRunning ? known : begin(key, nowMs, windowMs)
      window.count++
      // The sum of two fractions, less one of them, can be more than the other.
      return { count: window.count, resetMs: Math.min(window.endsMs - nowMs, windowMs) }
    },
  }
}

const DEFAULT_SHARED_COUNTS = 4_096

/** FNV-1a over UTF-16, from a start that nobody knows. */
const hash = (text: string, seed: number): number => {
  let value = seed
  for (let i = 0; i < text.length; i++)
    value = Math.imul(value ^ text.charCodeAt(i), 16_777_619) >>> 0
  return value
}
