/** What gives bytes: a readable stream, or as one. */
export interface Source {
  on(event: 'data', take: (chunk: Buffer) => void): this
  off(event: 'data', take: (chunk: Buffer) => void): this
  off(event: 'end', end: () => void): this
  once(event: 'end', end: () => void): this
  pause(): unknown
  resume(): unknown
}

/** What takes bytes: a writable stream, or as one. */
export interface Sink {
  readonly writableLength: number
  write(chunk: Buffer, taken?: () => void): boolean
  on(event: 'drain', act: () => void): unknown
  off(event: 'drain', act: () => void): unknown
}

export interface PumpOptions {
  from: Source
  to: Sink
  /** Gives what is written of each chunk. Default: all of it. */
  pass?: (chunk: Buffer) => Buffer
  /** Called when the side that takes is waited for from now on, and when it is no more. */
  onTurn?: (isBlocked: boolean) => void
  /** Called whenever bytes move on either side. */
  onActivity: () => void
  /** Called once, when the last byte was read; `to` is not ended. */
  onEnd: () => void
}

/** Moves bytes as fast as the slower side takes them. Errors and premature ends are the caller's. */
export interface Pump {
  /** Whether the side that takes is the one that is waited for. */
  isBlocked(): boolean
  stop(): void
}

export const startPump = ({ from, to, pass, onTurn, onActivity, onEnd }: PumpOptions): Pump => {
  let isBlocked = false
  let smallOnes = 0
  let isStopped = false

  // Each write waits as an object of its own, which is far more than a byte or two. While many do, the
  // source is not read, and what it sends meanwhile is gathered.
  const isTooMany = (piece: Buffer): boolean => {
    if (to.writableLength === 0) smallOnes = 0
    return piece.length < SMALL_BYTES && ++smallOnes >= MOST_SMALL_ONES
  }

  const write = (piece: Buffer): boolean => {
    if (!isTooMany(piece)) return to.write(piece)
    to.write(piece, drain)
    return false
  }

  const take = (chunk: Buffer): void => {
    isBlocked = !write(pass ? pass(chunk) : chunk)
    if (isBlocked) {
      from.pause()
      onTurn?.(true)
    }
    onActivity()
  }
  const drain = (): void => {
    if (!isBlocked || isStopped) return
    isBlocked = false
    smallOnes = 0
    from.resume()
    onTurn?.(false)
    onActivity()
  }
  from.on('data', take).once('end', onEnd)
  to.on('drain', drain)
  return {
    isBlocked: () => isBlocked,
    stop: () => {
      isStopped = true
      from.off('data', take).off('end', onEnd)
      to.off('drain', drain)
    },
  }
}

const SMALL_BYTES = 1_024
const MOST_SMALL_ONES = 64
