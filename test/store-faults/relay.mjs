// A TCP relay between a gateway and its store, whose line can be cut.
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** Carries connections to `port` of this machine. */
export const startRelay = async (port) => {
  const pairs = new Set()
  let way = 'well'
  let delayMs = 0

  const carry = (from, to, isAnswer) => {
    let before = Promise.resolve()
    from.on('data', (bytes) => {
      const ripe = isAnswer && delayMs > 0 ? sleep(delayMs) : undefined
      // Bytes stay in order, also where what comes next is not late any more.
      before = Promise.all([before, ripe]).then(() => void (to.destroyed || to.write(bytes)))
    })
    from.on('close', () => to.destroy())
    from.on('error', () => {})
    if (way === 'silent') from.pause()
  }

  const server = createServer({ noDelay: true }, (near) => {
    if (way === 'gone') return near.resetAndDestroy()
    const far = connect({ port, host: '127.0.0.1', noDelay: true })
    const pair = [near, far]
    pairs.add(pair)
    far.on('close', () => pairs.delete(pair))
    carry(near, far, false)
    carry(far, near, true)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')

  return {
    port: server.address().port,
    /** Cuts every connection, and takes no new one. */
    drop: () => {
      way = 'gone'
      for (const pair of pairs) for (const socket of pair) socket.resetAndDestroy()
    },
    /** Every answer comes so much later. */
    delay: (ms) => void (delayMs = ms),
    /** Not a byte goes through, either way, and no connection ends. */
    silence: () => {
      way = 'silent'
      for (const pair of pairs) for (const socket of pair) socket.pause()
    },
    /** What was held back goes on, as TCP would send it again. */
    heal: () => {
      way = 'well'
      delayMs = 0
      for (const pair of pairs) for (const socket of pair) socket.resume()
    },
    stop: () => {
      server.close()
      for (const pair of pairs) for (const socket of pair) socket.destroy()
    },
  }
}
