// Looks at what the gateway holds, time and again, and whether it grows.
import { setTimeout as sleep } from 'node:timers/promises'

const MEGABYTE = 1e6
const HOUR_MS = 3_600_000

/** Looks now. Sizes are megabytes. */
export const look = async (gateway) => {
  const { memory, resources, delays } = await gateway.ask('look')
  return {
    atMs: performance.now(),
    rss: memory.rss / MEGABYTE,
    heap: memory.heapUsed / MEGABYTE,
    external: memory.external / MEGABYTE,
    descriptors: gateway.usage().descriptors,
    resources,
    delays,
  }
}

/** Looks every so often until it is stopped, and tells of each look. */
export const createLooks = (gateway, everyMs, onLook) => {
  const looks = []
  let isOver = false
  const loop = async () => {
    for (let nextMs = performance.now() + everyMs; !isOver; nextMs += everyMs) {
      while (!isOver && performance.now() < nextMs) await sleep(50)
      if (isOver) return
      looks.push(await look(gateway))
      onLook(looks.at(-1))
    }
  }
  const running = loop()
  return {
    looks,
    stop: async () => {
      isOver = true
      await running
    },
  }
}

/** What `of` gives grows by so much an hour, by the line that fits best, plus or minus its standard error. */
export const growth = (looks, of) => {
  const points = looks.map((one) => [one.atMs / HOUR_MS, of(one)])
  const mean = (at) => points.reduce((sum, point) => sum + point[at], 0) / points.length
  const [meanX, meanY] = [mean(0), mean(1)]
  const sum = (term) => points.reduce((total, [x, y]) => total + term(x - meanX, y - meanY), 0)
  const squares = sum((x) => x * x)
  const perHour = sum((x, y) => x * y) / squares
  const rest = sum((x, y) => (y - perHour * x) ** 2)
  return { perHour, error: Math.sqrt(rest / (points.length - 2) / squares) }
}
