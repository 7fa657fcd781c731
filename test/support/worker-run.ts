// The built command with several workers, as it tells of them in its log.
import type { Run } from './command.js'
import { until } from './until.js'

/** The lines of the log with this event, whole ones only. */
export const linesOf = ({ stdout }: Run, event: string): Array<Record<string, unknown>> =>
  stdout
    .slice(0, stdout.lastIndexOf('\n') + 1)
    .split('\n')
    .filter((line) => line.includes(`"event":"${event}"`))
    .map((line) => JSON.parse(line) as Record<string, unknown>)

export const untilTold = (running: Run, event: string, times = 1): Promise<void> =>
  until(`${event}, ${times} times`, () => linesOf(running, event).length >= times)

/** The processes of the workers that were started, in the order in which they came up. */
export const pidsOf = async (running: Run, count: number): Promise<number[]> => {
  await untilTold(running, 'worker_started', count)
  return linesOf(running, 'worker_started').map(({ processId }) => Number(processId))
}

export const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

/** Asks on a connection of its own; resolves to the status. */
export const askAnew = async (
  url: string,
  headers: Record<string, string> = {},
): Promise<number> => {
  const response = await fetch(url, { headers: { ...headers, Connection: 'close' } })
  await response.arrayBuffer()
  return response.status
}
