// Whether the machine has something else to do, without which latencies mean little.
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

const LOOK_MS = 2_000

/**
 * Waits until the machine is busy with no more than `percent` of its cores for two seconds, but no longer
 * than `patienceMs`. Gives how busy it was in the last two; 0 where there is no /proc.
 */
export const calmDown = async ({ percent, patienceMs }) => {
  const untilMs = performance.now() + patienceMs
  for (;;) {
    const before = ticks()
    await sleep(LOOK_MS)
    const after = ticks()
    const busy = Math.round((100 * (after.busy - before.busy)) / (after.all - before.all || 1))
    if (busy <= percent || performance.now() > untilMs) return busy
  }
}

const ticks = () => {
  try {
    const [, ...fields] = readFileSync('/proc/stat', 'utf8').split('\n')[0].split(/ +/)
    const [user, nice, system, idle, waiting, ...rest] = fields.map(Number)
    // The last two, of guests, are counted in the first two.
    const busy = user + nice + system + rest.slice(0, 3).reduce((sum, one) => sum + one, 0)
    return { busy, all: busy + idle + waiting }
  } catch {
    return { busy: 0, all: 0 }
  }
}
