import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { AdminFailure } from './admin-client.js'
import type { CommandIo } from './command.js'

/** A line of the input, without its end. */
export interface InputLine {
  /** Counted from 1. */
  number: number
  /** `undefined` for a line that is too long. */
  bytes: Buffer | undefined
  /** How much of the input it and what stands before it are, in bytes. */
  endBytes: number
}

/** The longest line, in bytes. */
export const LIMIT_LINE_BYTES = 1_048_576

export interface Input {
  chunks: CommandIo['stdin']
  /** How long a file is; of anything else that is not known. */
  totalBytes: number | undefined
}

/**
 * The file of this name, or standard input where it is empty.
 * @throws AdminFailure when it cannot be read, now or later
 */
export const openInput = async (file: string, stdin: CommandIo['stdin']): Promise<Input> => {
  if (file === '') return { chunks: stdin, totalBytes: undefined }
  const info = await stat(file).catch((error: NodeJS.ErrnoException) => {
    throw unreadable(file, error)
  })
  return { chunks: readFile(file), totalBytes: info.isFile() ? info.size : undefined }
}

async function* readFile(file: string): AsyncGenerator<Uint8Array> {
  try {
    yield* createReadStream(file)
  } catch (error) {
    throw unreadable(file, error as NodeJS.ErrnoException)
  }
}

const unreadable = (file: string, { code }: NodeJS.ErrnoException): AdminFailure =>
  new AdminFailure(`${file}: cannot be read (${code})`)

/** The lines of an input of any length, one after another; of those too long nothing is kept. */
export async function* readInputLines(chunks: CommandIo['stdin']): AsyncGenerator<InputLine> {
  let number = 0
  let endBytes = 0
  let parts: Buffer[] = []
  let length = 0
  const add = (part: Buffer): void => {
    length += part.length
    if (length > LIMIT_LINE_BYTES) parts = []
    else parts.push(part)
  }
  const take = (): InputLine => {
    endBytes += length
    const bytes = length > LIMIT_LINE_BYTES ? undefined : Buffer.concat(parts)
    parts = []
    length = 0
    return { number: ++number, bytes, endBytes }
  }
  for await (const given of chunks) {
    const chunk = Buffer.from(given as Uint8Array) // or text; either is one
    let start = 0
    for (let end = chunk.indexOf(LF); end >= 0; end = chunk.indexOf(LF, start)) {
      add(chunk.subarray(start, end))
      start = end + 1
      endBytes++
      yield take()
    }
    add(chunk.subarray(start))
  }
  if (length > 0) yield take()
}

const LF = 10
