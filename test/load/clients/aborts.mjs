// Requests that are given up: some in the middle of their head or body, some while the service works,
// and some in the middle of the answer. Half of them say goodbye, half reset the connection.
import { setTimeout as sleep } from 'node:timers/promises'
import { openCrowd } from './crowd.mjs'

/** `texts` are sent in turns, as far as they go; then all go away. */
export const startAborts = async ({ texts, rounds, lingerMs, ...options }) => {
  let aborted = 0
  for (let round = 0; round < rounds; round++) {
    const crowd = await openCrowd(options, (socket, index) => {
      socket.write(texts[index % texts.length])
    })
    await sleep(lingerMs)
    for (const socket of crowd.sockets()) {
      if (aborted++ % 2 === 0) socket.destroy()
      else socket.resetAndDestroy()
    }
    crowd.finish()
  }
  return { finish: async () => ({ aborted }) }
}
