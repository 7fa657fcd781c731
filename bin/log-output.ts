import { writeSync } from 'node:fs'

/** What was not written, as there was no room for it. */
export interface Dropped {
  lines: number
  /** How many of them were of requests that went well. */
  successes: number
}

export interface LogOutputOptions {
  fd: number
  /** Is told what was dropped as soon as there is room again. */
  onDropped: (dropped: Dropped) => void
  /**
   * Whether other processes write there too. Then as much is written at once as a pipe takes whole
   * (PIPE_BUF of POSIX), and no line is mixed with another's. Default false.
   */
  isShared?: boolean
  /** What may wait to be taken, in bytes; a line of a success only half of it. Default 8 MiB. */
  limitBytes?: number
  /** Takes a part of the bytes, or throws why none. Default: `fs.writeSync`. */
  take?: (fd: number, bytes: Buffer) => number
}

export interface LogOutput {
  /**
   * Takes a line. It is written at the end of this turn of the event loop, with all that waits: but not
   * within some milliseconds of the write before, nor by itself if it is of a success, as one write a
   * turn costs more than the line. One of an error waits for nothing: it may be the last.
   */
  write: (line: string, isSuccess: boolean, level?: string) => void
  /**
   * Writes what waits, for when the process ends: blocks while a reader is slow, for three seconds at
   * most. Tells how many bytes nobody took.
   */
  flush: () => number
}

const BATCH_CHARACTERS = 65_536
const PIPE_BYTES = 4_096
const LIMIT_BYTES = 8 * 1024 * 1024
const LINGER_MS = 10
const SLOW_RETRY_MS = 50
const BROKEN_RETRY_MS = 1_000
const FLUSH_MS = 3_000
const FLUSH_PAUSE_MS = 5

/**
 * Lines on their way to a descriptor that does not block, as standard output is where it is a pipe. A
 * reader that stalls, a full disk or a reader that is gone neither stops the process nor fills its
 * memory: what waits is bounded, and then lines of successes are dropped first.
 */
export const createLogOutput = ({
  fd,
  onDropped,
  isShared = false,
  limitBytes = LIMIT_BYTES,
  take = writeSync,
}: LogOutputOptions): LogOutput => {
  /** Lines of this turn. */
  let gathered = ''
  const batches: Buffer[] = []
  let batchedBytes = 0
  let isDue = false
  let isLingering = false
  let retryMs = 0
  let pouredAtMs = -Infinity
  let dropped: Dropped = { lines: 0, successes: 0 }

  const batch = (): void => {
    if (gathered === '') return
    const bytes = Buffer.from(gathered)
    gathered = ''
    batches.push(bytes)
    batchedBytes += bytes.length
  }

  /** Why not all was taken; `undefined` if it was. */
  const pour = (): string | undefined => {
    batch()
    try {
      for (let bytes = batches[0]; bytes; bytes = batches[0]) {
        const taken = take(fd, bytes)
        batchedBytes -= taken
        retryMs = 0
        if (taken < bytes.length) batches[0] = bytes.subarray(taken)
        else batches.shift()
      }
      return undefined
    } catch (error) {
      return String((error as NodeJS.ErrnoException).code)
    }
  }

  const pourOrWait = (): void => {
    isDue = false
    pouredAtMs = performance.now()
    const trouble = pour()
    if (trouble === undefined) return tellDropped()
    const mostMs = trouble === SLOW ? SLOW_RETRY_MS : BROKEN_RETRY_MS
    retryMs = Math.min(retryMs * 2 || 1, mostMs)
    isDue = true
    setTimeout(pourOrWait, retryMs).unref()
  }

  const linger = (): void => {
    if (isLingering) return
    isLingering = true
    setTimeout(() => {
      isLingering = false
      if (!isDue) pourOrWait()
    }, LINGER_MS).unref()
  }

  const tellDropped = (): void => {
    if (dropped.lines === 0) return
    const told = dropped
    dropped = { lines: 0, successes: 0 }
    onDropped(told)
  }

  return {
    write: (line, isSuccess, level) => {
      const waiting = batchedBytes + gathered.length + line.length
      if (waiting > (isSuccess ? limitBytes / 2 : limitBytes)) {
        dropped.lines++
        if (isSuccess) dropped.successes++
        return
      }
      // Of a line that is longer by itself a pipe that is nearly full takes a part first.
      if (isShared && Buffer.byteLength(gathered) + Buffer.byteLength(line) > PIPE_BYTES) batch()
      gathered += line
      // A string of many parts takes a multiple of their size.
      if (gathered.length >= BATCH_CHARACTERS) batch()
      if (isDue) return
      const canWait = isSuccess || (level !== 'error' && performance.now() - pouredAtMs < LINGER_MS)
      if (canWait && batches.length === 0) return linger()
      isDue = true
      setImmediate(pourOrWait)
    },

    flush: () => {
      const untilMs = performance.now() + FLUSH_MS
      for (;;) {
        const trouble = pour()
        if (trouble === undefined) {
          if (dropped.lines === 0) return 0
          tellDropped()
        } else if (trouble !== SLOW || performance.now() > untilMs) return batchedBytes
        else pause(FLUSH_PAUSE_MS)
      }
    },
  }
}

const SLOW = 'EAGAIN'

const pause = (ms: number): void =>
  void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
