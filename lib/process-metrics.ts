import { readdirSync } from 'node:fs'
import { createReading, type Family } from './metrics/family.js'

/**
 * Metrics of the process, by the names that Prometheus has for them.
 * @param openFiles the folder with an entry for each file that is open
 */
export const createProcessMetrics = (openFiles = '/proc/self/fd'): Family[] => [
  reading('counter', 'process_cpu_seconds_total', 'CPU time of the process.', () => {
    const { user, system } = process.cpuUsage()
    return (user + system) / 1e6
  }),
  reading('gauge', 'process_resident_memory_bytes', 'Resident memory of the process.', () =>
    process.memoryUsage.rss(),
  ),
  reading(
    'gauge',
    'process_heap_bytes',
    'Memory of the heap of JavaScript that is used.',
    () => process.memoryUsage().heapUsed,
  ),
  reading(
    'gauge',
    'process_open_fds',
    'Open file descriptors; absent where they cannot be counted.',
    () => countIn(openFiles),
  ),
  reading(
    'gauge',
    'process_start_time_seconds',
    'When the process began, in Unix seconds.',
    () => (Date.now() - process.uptime() * 1_000) / 1_000,
  ),
]

const reading = (
  type: 'counter' | 'gauge',
  name: string,
  help: string,
  measure: () => number | undefined,
): Family =>
  createReading(type, { name, help, together: 'each' }, (show) => {
    const value = measure()
    if (value !== undefined) show([], value)
  })

const countIn = (folder: string): number | undefined => {
  try {
    return readdirSync(folder).length
  } catch {
    return undefined
  }
}
