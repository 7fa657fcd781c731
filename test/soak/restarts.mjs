// Restarts of the service behind, by kill -9 in the middle of all traffic.
import { setTimeout as sleep } from 'node:timers/promises'

const DOWN_MS = 1_000
/** After the service is back, what began before may still fail, and connections are made anew. */
const MARGIN_MS = 1_000

export const createRestarts = (service, everySeconds) => {
  const windows = []
  let isOver = false
  let running = Promise.resolve()

  const loop = async () => {
    for (let nextMs = performance.now(); ;) {
      nextMs += everySeconds * 1_000
      while (!isOver && performance.now() < nextMs) await sleep(100)
      if (isOver) return
      const window = { startMs: performance.now(), endMs: Infinity }
      windows.push(window)
      await service.kill()
      await sleep(DOWN_MS)
      await service.start()
      window.endMs = performance.now() + MARGIN_MS
    }
  }

  return {
    count: () => windows.length,
    /** Whether one fell into this time. */
    met: (startMs, endMs) =>
      windows.some((window) => startMs <= window.endMs && endMs >= window.startMs),
    start: () => void (running = loop()),
    /** Resolves when the service is up for good. */
    stop: async () => {
      isOver = true
      await running
    },
  }
}
