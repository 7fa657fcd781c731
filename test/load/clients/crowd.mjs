// Many connections, and how long each of them lived.
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** Who was cut comes back after so long, if he does. */
const BACK_AFTER_MS = 200

/**
 * Opens `count` connections to `port`, from the `addresses` in turns, `perSecond` of them. `tend` is
 * given each as soon as it is open. Who is `stubborn` comes back when he is cut.
 */
export const openCrowd = async (options, tend) => {
  const { port, count, addresses, perSecond = 1e9, stubborn = false } = options
  const open = new Map()
  const lives = []
  let refused = 0
  let isOver = false

  const come = (index) => {
    const localAddress = addresses[index % addresses.length]
    const socket = connect({ port, host: '127.0.0.1', localAddress, noDelay: true })
    socket.on('error', () => {})
    socket.on('connect', () => {
      open.set(socket, performance.now())
      tend(socket, index)
    })
    socket.on('close', () => {
      if (open.has(socket)) lives.push(performance.now() - open.get(socket))
      else refused++
      open.delete(socket)
      if (stubborn && !isOver) setTimeout(come, BACK_AFTER_MS, index)
    })
  }

  const startMs = performance.now()
  for (let index = 0; index < count;) {
    const due = Math.min(count, ((performance.now() - startMs) * perSecond) / 1_000)
    while (index < due) come(index++)
    await sleep(1)
  }
  return {
    /** Those that are open. */
    sockets: () => open.keys(),
    finish: () => {
      isOver = true
      const nowMs = performance.now()
      const ages = [...open.values()].map((sinceMs) => nowMs - sinceMs)
      const held = open.size
      for (const socket of open.keys()) socket.destroy()
      return { held, cut: lives.length, refused, longestMs: Math.max(0, ...lives, ...ages) }
    },
  }
}
