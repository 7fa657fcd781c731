import { fstatSync } from 'node:fs'
import { AdminFailure } from './admin-client.js'
import { appendWhole } from './append-whole.js'
import type { CommandIo } from './command.js'

/** Nobody reads standard output any more, and nobody needs to be told. */
export class ReaderGone extends Error {
  override readonly name = 'ReaderGone'
}

/**
 * Writes all of it, and waits until it is taken; a file is left as it was where that fails.
 * @throws AdminFailure when it cannot be written, ReaderGone when nobody is there to read it
 */
export const writeOut = async (stdout: CommandIo['stdout'], text: string): Promise<void> => {
  try {
    const { fd } = stdout
    // The stream takes a write for whole of which a full disk took the first part.
    if (fd !== undefined && fstatSync(fd).isFile()) return appendWhole(fd, text)
    await new Promise<void>((resolve, reject) => {
      stdout.write(text, (error) => (error ? reject(error) : resolve()))
    })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === undefined) throw error
    if (code === 'EPIPE') throw new ReaderGone()
    throw new AdminFailure(`standard output cannot be written (${code})`)
  }
}
