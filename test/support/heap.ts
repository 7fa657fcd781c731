import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** What is on the heap once all garbage is gone, in bytes. */
export const heapBytes = (): number => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  return process.memoryUsage().heapUsed
}

/**
 * How many bytes 20,000 of what comes and goes leave behind, time and again: the middle of three rounds, as
 * what is compiled, or a table that shrinks, counts once. `play` is told which number it is.
 */
export const heapLeftBytes = async (play: (number: number) => unknown): Promise<number> => {
  let number = 0
  const playRound = async (count: number): Promise<number> => {
    for (const end = number + count; number < end; number++) await play(number)
    return heapBytes()
  }
  let before = await playRound(WARM)
  const left: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const after = await playRound(COUNT)
    left.push(after - before)
    before = after
  }
  return left.toSorted((one, other) => one - other)[1] as number // of three
}

/** Until then what comes is compiled, and tables grow to their size. */
const WARM = 5_000
const COUNT = 20_000
const ROUNDS = 3
