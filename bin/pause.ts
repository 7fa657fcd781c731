import type { Clock } from '../lib/clock.js'

/** Waits so many milliseconds, or until `signal` aborts; keeps the process alive meanwhile. */
export const createPause = (clock: Clock, signal: AbortSignal): ((ms: number) => Promise<void>) => {
  const aborted = new Promise<void>((resolve) =>
    signal.addEventListener('abort', () => resolve(), { once: true }),
  )
  return async (ms) => {
    const alive = setInterval(() => {}, 30_000) // the clock keeps no process alive
    await Promise.race([clock.sleep(ms), aborted])
    clearInterval(alive)
  }
}
