// A disk of a few megabytes, which can be filled: a tmpfs, for which one must be root.
import { execFileSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, rmSync, rmdirSync, statfsSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Mounts one; `undefined` where that is not permitted. */
export const mountDisk = (megabytes) => {
  const folder = mkdtempSync(join(tmpdir(), 'faults-disk-'))
  try {
    const options = ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder]
    execFileSync('mount', options, { stdio: 'ignore' })
  } catch {
    rmdirSync(folder)
    return undefined
  }
  const filler = join(folder, 'filler')
  const unmount = () => {
    process.off('exit', unmount)
    // Lazily, so that it is gone even where a process still has a file on it.
    execFileSync('umount', ['-l', folder])
    rmdirSync(folder)
  }
  process.once('exit', unmount)
  return {
    folder,
    /** Takes up all of it but so many bytes. */
    fill: (leftBytes) => {
      const { bavail, bsize } = statfsSync(folder)
      const file = openSync(filler, 'w')
      writeSync(file, Buffer.alloc(Math.max(bavail * bsize - leftBytes, 0)))
      closeSync(file)
    },
    empty: () => rmSync(filler, { force: true }),
    unmount,
  }
}
