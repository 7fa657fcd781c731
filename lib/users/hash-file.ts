import { closeSync, fstatSync, openSync, read, readSync, statSync } from 'node:fs'
import { promisify } from 'node:util'

/** An open text file of SHA-1 hashes in hexadecimal, sorted, one at the begin of each line. */
export interface HashFile {
  /**
   * Whether a line begins with `hash`, 40 digits in upper case. Reads a few blocks, whatever the size of
   * the file. Rejects with `HashFileError`.
   */
  has(hash: string): Promise<boolean>
  /** Closes the file, once no search runs any more. */
  close(): void
}

/** Why a file cannot be searched, in words for a person that hold nothing of the file. */
export class HashFileError extends Error {
  override readonly name = 'HashFileError'
}

/**
 * Opens a file, and looks at its begin, its end and at some places in between.
 * @throws HashFileError when it is not such a file
 */
export const openHashFile = (path: string): HashFile => {
  try {
    // To open a pipe would wait for whoever writes to it.
    if (!statSync(path).isFile()) throw new HashFileError('must be a regular file')
    return startOn(openSync(path, 'r'))
  } catch (error) {
    throw named(error)
  }
}

// Lines have at most 130 bytes, their ends included: the first whole one is never far.
const BLOCK_BYTES = 4_096
const RULE = 'must hold SHA-1 hashes in hexadecimal, sorted, one a line'

const startOn = (descriptor: number): HashFile => {
  try {
    return createHashFile(descriptor, checkedSize(descriptor))
  } catch (error) {
    closeSync(descriptor)
    throw error
  }
}

const createHashFile = (descriptor: number, size: number): HashFile => {
  let searches = 0
  let isClosed = false

  const readBlock = async (buffer: Buffer, from: number): Promise<Block> => {
    const { bytesRead } = await readAt(descriptor, buffer, 0, lengthAt(from, size), from)
    return wholeLines(buffer.subarray(0, bytesRead), from, size)
  }

  const search = async (hash: string): Promise<boolean> => {
    // Where the line can begin: not before the one, and before the other. The one is always a begin.
    let low = 0
    let high = size
    const buffer = Buffer.allocUnsafe(BLOCK_BYTES)
    while (low < high) {
      const middle = high - low > BLOCK_BYTES ? Math.floor((low + high) / 2) : low
      const { lines, end } = await readBlock(buffer, Math.max(0, middle - 1))
      if (hash < firstOf(lines)) high = middle
      else if (hash > lastOf(lines)) low = end
      else return `\n${lines}`.includes(`\n${hash}`)
    }
    return false
  }

  const closeIfUnused = (): void => {
    // A descriptor that is closed may soon be that of another file.
    if (isClosed && searches === 0) closeSync(descriptor)
  }

  return {
    has: async (hash) => {
      if (isClosed) throw new HashFileError('is closed')
      searches++
      const found = search(hash).finally(() => {
        searches--
        closeIfUnused()
      })
      return found.catch((error: unknown) => Promise.reject(named(error)))
    },
    close: () => {
      isClosed = true
      closeIfUnused()
    },
  }
}

const readAt = promisify(read)

/** The size of the file, once some of its blocks look as they must. */
const checkedSize = (descriptor: number): number => {
  const { size } = fstatSync(descriptor)
  // Likelier a download that has failed than a wish.
  if (size === 0) throw new HashFileError('must not be empty')
  const ends: string[] = []
  for (let i = 0; i <= GAPS; i++) {
    const from = Math.floor((Math.max(0, size - BLOCK_BYTES) * i) / GAPS)
    const buffer = Buffer.alloc(lengthAt(from, size))
    const bytesRead = readSync(descriptor, buffer, 0, buffer.length, from)
    const { lines } = wholeLines(buffer.subarray(0, bytesRead), from, size)
    // Of a file in another order not one block is sorted; of two, one behind the other, each is.
    checkOrder(lines.replace(/\n$/, '').split('\n').map(hashOf))
    ends.push(lastOf(lines))
  }
  checkOrder(ends)
  return size
}

const GAPS = 8 // between the blocks that are looked at

const checkOrder = (hashes: readonly string[]): void => {
  if (hashes.some((hash, i) => hash < (hashes[i - 1] ?? ''))) throw new HashFileError(RULE)
}

const lengthAt = (from: number, size: number): number => Math.min(BLOCK_BYTES, size - from)

/** Lines that are all there, in upper case, and where in the file they end. */
interface Block {
  lines: string
  end: number
}

/** The whole lines of a block: neither one that may have begun before it, nor one that goes on behind it. */
const wholeLines = (bytes: Buffer, from: number, size: number): Block => {
  const isAtEnd = from + bytes.length === size
  const begin = from === 0 ? 0 : bytes.indexOf('\n') + 1
  const end = isAtEnd ? bytes.length : bytes.lastIndexOf('\n') + 1
  // There is none where a line is too long, and where the file has become shorter.
  if (begin >= end || (from > 0 && begin === 0)) throw new HashFileError(RULE)
  const lines = bytes.toString('latin1', begin, end).toUpperCase()
  return { lines, end: from + end }
}

const firstOf = (lines: string): string => hashOf(lines.slice(0, HASH_DIGITS + 1))

const lastOf = (lines: string): string =>
  hashOf(lines.slice(lines.lastIndexOf('\n', lines.length - 2) + 1))

const HASH_DIGITS = 40

const hashOf = (line: string): string => {
  const hash = /^[0-9A-F]{40}(?![0-9A-Z])/.exec(line)?.[0]
  if (hash === undefined) throw new HashFileError(RULE)
  return hash
}

const named = (error: unknown): HashFileError =>
  error instanceof HashFileError
    ? error
    : new HashFileError(`cannot be read (${(error as NodeJS.ErrnoException).code})`)
