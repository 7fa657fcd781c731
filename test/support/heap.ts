import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** What is on the heap once all garbage is gone, in bytes. */
export const heapBytes = (): number => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  return process.memoryUsage().heapUsed
}

/** How many bytes 20,000 of what comes and goes leave behind; `play` is told which number it is. */
export const heapLeftBytes = async (play: (number: number) => unknown): Promise<number> => {
  for (let number = 0; number < WARM; number++) await play(number)
  const before = heapBytes()
  for (let number = WARM; number < WARM + COUNT; number++) await play(number)
  return heapBytes() - before
}

/** Until then what comes is compiled, and tables grow to their size. */
const WARM = 5_000
const COUNT = 20_000
