/** Bytes that come in pieces, kept as one. */
export interface Gathered {
  /** How many came. */
  readonly bytes: number
  add(piece: Buffer): void
  /** All of them, as long as no more are added. */
  content(): Buffer
}

/**
 * Gathers them in one buffer that grows: a list of pieces of a byte each would hold two hundred times
 * what it counts. How many may come is the caller's to bound.
 */
export const createGathered = (): Gathered => {
  let held = NOTHING
  let bytes = 0
  return {
    get bytes() {
      return bytes
    },
    add: (piece) => {
      const needed = bytes + piece.length
      if (needed > held.length) {
        const size = Math.max(needed, Math.min(2 * held.length, held.length + MOST_SPARE_BYTES))
        held = Buffer.concat([held.subarray(0, bytes)], size)
      }
      piece.copy(held, bytes)
      bytes = needed
    },
    content: () => held.subarray(0, bytes),
  }
}

const NOTHING = Buffer.alloc(0)
const MOST_SPARE_BYTES = 65_536
