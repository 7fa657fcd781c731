// Readers of an answer, who take so many bytes of it, and then either leave or stand still.
import { setTimeout as sleep } from 'node:timers/promises'
import { openCrowd } from './crowd.mjs'

const PATIENCE_MS = 60_000

export const startReaders = async ({ text, takeBytes = 1, leave = false, ...options }) => {
  let done = 0
  const crowd = await openCrowd(options, (socket) => {
    let taken = 0
    socket.write(text)
    socket.on('data', (bytes) => {
      taken += bytes.length
      if (taken < takeBytes || socket.isPaused()) return
      done++
      if (leave) socket.destroy()
      else socket.pause()
    })
  })
  const startMs = performance.now()
  while (done < options.count && performance.now() - startMs < PATIENCE_MS) await sleep(10)
  return { finish: async () => ({ done, ...crowd.finish() }) }
}
