import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** What is on the heap once all garbage is gone, in bytes. */
export const heapBytes = (): number => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  return process.memoryUsage().heapUsed
}
