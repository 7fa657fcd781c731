import { fstatSync, ftruncateSync, writeSync } from 'node:fs'

/** Appends all of it to a file, or throws what the system says and leaves the file as it was. */
export const appendWhole = (fd: number, text: string): void => {
  const { size } = fstatSync(fd)
  const bytes = Buffer.from(text)
  try {
    for (let done = 0; done < bytes.length;) done += writeSync(fd, bytes, done)
  } catch (error) {
    if (fstatSync(fd).size > size) ftruncateSync(fd, size)
    throw error
  }
}
