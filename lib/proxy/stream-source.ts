import type { Readable } from 'node:stream'
import type { Source, Taker } from './pump.js'

/** A readable stream as what a pump reads from. */
export const streamSource = (stream: Readable): Source => {
  let stopReading: (() => void) | undefined
  return {
    start: (taker: Taker) => {
      const take = (chunk: Buffer): void => taker.take(chunk)
      const end = (): void => taker.end()
      stream.on('data', take).once('end', end)
      stopReading = () => void stream.off('data', take).off('end', end)
    },
    stop: () => stopReading?.(),
    pause: () => void stream.pause(),
    resume: () => void stream.resume(),
  }
}
