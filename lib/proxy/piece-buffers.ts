/**
 * Memory for large pieces that wait until they are taken. New memory for each would be given back when the
 * heap is next collected, which is long after a fast download has filled as much again.
 */
export class PieceBuffers {
  readonly #free: Buffer[] = []

  /** A copy of a piece, of at most `PIECE_BYTES`. */
  copy(piece: Buffer): Buffer {
    const buffer = this.#free.pop() ?? Buffer.allocUnsafeSlow(PIECE_BYTES)
    piece.copy(buffer)
    return buffer.subarray(0, piece.length)
  }

  /** Takes a copy back that nobody reads any more. */
  giveBack(copy: Buffer): void {
    if (this.#free.length < MOST_FREE) this.#free.push(Buffer.from(copy.buffer))
  }
}

/** As much as libuv reads at once. */
export const PIECE_BYTES = 65_536

const MOST_FREE = 32
