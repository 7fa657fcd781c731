/** The part of a request body that came so far, kept as long as it may have to be sent again. */
export interface KeptBody {
  /** How much came, whether it is kept or not. */
  readonly bytes: number
  /** What is kept of it: all, or nothing. */
  readonly content: Buffer
  /** Whether all that came is kept. */
  readonly isComplete: boolean
  add(chunk: Buffer): void
  /** Keeps nothing from now on. */
  drop(): void
}

const doNothing = (): void => {}

/** Of a request without a body. */
export const NO_BODY: KeptBody = {
  bytes: 0,
  content: Buffer.alloc(0),
  isComplete: true,
  add: doNothing,
  drop: doNothing,
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
    // One buffer that grows: a list of chunks of a byte each would hold many times what it counts.
    let held = NO_BODY.content
    let bytes = 0
    let isKeeping = isKept

    const drop = (): void => {
      isKeeping = false
      totalBytes -= held.length
      held = NO_BODY.content
    }

    const grow = (): boolean => {
      if (bytes <= held.length) return true
      const size = Math.min(Math.max(bytes, 2 * held.length, LEAST_BYTES), limitBytes)
      if (bytes > limitBytes || totalBytes - held.length + size > limitTotalBytes) return false
      totalBytes += size - held.length
      held = Buffer.concat([held], size)
      return true
    }

    return {
      get bytes() {
        return bytes
      },
      get content() {
        return isKeeping ? held.subarray(0, bytes) : NO_BODY.content
      },
      get isComplete() {
        return isKeeping || bytes === 0
      },
      add: (chunk) => {
        const at = bytes
        bytes += chunk.length
        if (!isKeeping) return
        if (grow()) chunk.copy(held, at)
        else drop()
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

const LEAST_BYTES = 1_024
