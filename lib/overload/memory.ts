import { totalmem } from 'node:os'

/** What this process may use of the machine's memory, in bytes: all of it, or what its group may. */
export const usableBytes = (
  totalBytes: number = totalmem(),
  // Where there is no limit it is nothing, 0, or more than any machine has, as the version of node has it.
  groupBytes: number | undefined = process.constrainedMemory(),
): number => (groupBytes ? Math.min(totalBytes, groupBytes) : totalBytes)

/** What it uses, in bytes. */
export const residentBytes = (): number => process.memoryUsage.rss()
