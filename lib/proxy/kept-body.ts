/** The part of a request body that came so far, kept as long as it may have to be sent again. */
export interface KeptBody {
  /** How much came, whether it is kept or not. */
  readonly bytes: number
  readonly chunks: readonly Buffer[]
  /** Whether all that came is kept. */
  readonly isComplete: boolean
  add(chunk: Buffer): void
  /** Keeps nothing from now on. */
  drop(): void
}

/** What all kept bodies of a gateway may hold together. */
export interface ReplayMemory {
  open(isKept: boolean): KeptBody
  /** What is held now, in bytes. */
  readonly bytes: number
}

/** Keeps at most `limitBytes` of one body, and of all together at most `limitTotalBytes`. */
export const createReplayMemory = (limitBytes: number, limitTotalBytes: number): ReplayMemory => {
  let totalBytes = 0

  const open = (isKept: boolean): KeptBody => {
    let chunks: Buffer[] = []
    let bytes = 0
    let heldBytes = 0
    let isKeeping = isKept

    const drop = (): void => {
      isKeeping = false
      totalBytes -= heldBytes
      heldBytes = 0
      chunks = []
    }

    return {
      get bytes() {
        return bytes
      },
      get chunks() {
        return chunks
      },
      get isComplete() {
        return heldBytes === bytes
      },
      add: (chunk) => {
        bytes += chunk.length
        if (!isKeeping) return
        if (bytes > limitBytes || totalBytes + chunk.length > limitTotalBytes) return drop()
        chunks.push(chunk)
        heldBytes += chunk.length
        totalBytes += chunk.length
      },
      drop,
    }
  }

  return {
    open,
    get bytes() {
      return totalBytes
    },
  }
}
