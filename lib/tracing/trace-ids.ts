import { randomFillSync } from 'node:crypto'

/** Random ids, in hexadecimal. */
export interface TraceIds {
  /** Of 16 bytes. */
  traceId(): string
  /** Of 8 bytes. */
  spanId(): string
}

/** Draws randomness for many ids at once: one call for each would cost more than all the rest of them. */
export const createTraceIds = (): TraceIds => {
  const pool = Buffer.alloc(POOL_BYTES)
  let used = POOL_BYTES
  // All zeros, which would be none, comes once in 2^64 ids.
  const take = (bytes: number): string => {
    if (used + bytes > POOL_BYTES) {
      randomFillSync(pool)
      used = 0
    }
    const begin = used
    used += bytes
    return pool.toString('hex', begin, used)
  }
  return { traceId: () => take(16), spanId: () => take(8) }
}

const POOL_BYTES = 6_144 // of 256 traces that begin here
