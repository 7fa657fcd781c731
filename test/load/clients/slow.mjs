// Requests that come a byte at a time, for ever: `head` as it is, then `start` byte by byte, and then
// always the same byte.
import { openCrowd } from './crowd.mjs'

const TICKS = 20

/** `everyMs` is how long each of them waits between two bytes; not all send theirs at once. */
export const startSlow = async ({ head = '', start = '', everyMs, ...options }) => {
  const sent = new Map()
  const statuses = {}
  let tick = 0
  const opening = openCrowd(options, (socket, index) => {
    sent.set(socket, { index, at: 0 })
    if (head) socket.write(head)
    socket.setEncoding('latin1').once('data', (text) => {
      const status = text.slice(9, 12)
      statuses[status] = (statuses[status] ?? 0) + 1
    })
    socket.once('close', () => sent.delete(socket))
  })
  const timer = setInterval(() => {
    tick = (tick + 1) % TICKS
    for (const [socket, state] of sent)
      if (state.index % TICKS === tick) socket.write(start[state.at++] ?? 'x')
  }, everyMs / TICKS)
  const crowd = await opening
  return {
    finish: async () => {
      clearInterval(timer)
      return { statuses, ...crowd.finish() }
    },
  }
}
