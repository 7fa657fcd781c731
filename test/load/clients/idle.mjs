// Connections that have had one answer, and want nothing more.
import { setTimeout as sleep } from 'node:timers/promises'
import { openCrowd } from './crowd.mjs'

const LIMIT_TRIES = 1_000

export const startIdle = async ({ text, ...options }) => {
  let answered = 0
  const crowd = await openCrowd(options, (socket) => {
    socket.write(text)
    socket.once('data', () => answered++)
  })
  for (let i = 0; answered < options.count && i < LIMIT_TRIES; i++) await sleep(10)
  return { finish: async () => ({ answered, ...crowd.finish() }) }
}
