import type { Server } from 'node:http'
import type { Deadlines } from './deadlines.js'

/**
 * Stops accepting and waits for what is in flight. What is left after `limitMs` milliseconds is cut;
 * resolves to whether nothing was.
 */
export const drain = (server: Server, deadlines: Deadlines, limitMs: number): Promise<boolean> =>
  new Promise((resolve) => {
    let isClean = true
    const deadline = deadlines.start(limitMs, () => {
      isClean = false
      server.closeAllConnections()
    })
    // A connection that was busy when the server was closed is not closed when it becomes idle.
    const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MS)
    server.close(() => {
      deadline.clear()
      clearInterval(sweep)
      resolve(isClean)
    })
  })

const SWEEP_MS = 50
