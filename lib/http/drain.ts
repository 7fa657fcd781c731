import type { Server } from 'node:http'
import type { Server as SecureServer } from 'node:https'
import { Server as TcpServer } from 'node:net'
import type { Connections } from './connections.js'
import type { Deadlines } from './deadlines.js'
import type { Turns } from './turns.js'

/**
 * Stops accepting and waits for what is in flight, also on servers that are not ours. What is left
 * after `limitMs` milliseconds is cut; resolves to whether nothing was. Connections on which nothing is
 * owed are closed once `idleMs` have passed.
 */
export type Drain = (limitMs: number, idleMs: number) => Promise<boolean>

export interface DrainOptions {
  server: Server | SecureServer
  connections: Connections
  turns: Turns
  deadlines: Deadlines
}

export const createDrain =
  ({ server, connections, turns, deadlines }: DrainOptions): Drain =>
  (limitMs, idleMs) =>
    new Promise((resolve) => {
      // The close of an HTTP server would cut answers that are written but not yet flushed.
      TcpServer.prototype.close.call(server)
      const finish = (isClean: boolean): void => {
        clearInterval(sweep)
        deadline.clear()
        patience.clear()
        connections.cut()
        server.close() // stops its timer
        resolve(isClean)
      }
      const deadline = deadlines.start(limitMs, () => finish(false))
      let isPatient = idleMs > 0
      const patience = deadlines.start(idleMs, () => (isPatient = false))
      const look = (): void => {
        if (!isPatient) connections.closeIdle()
        if (connections.isEmpty && turns.openCount === 0) finish(true)
      }
      const sweep = setInterval(look, SWEEP_MS)
      look()
    })

const SWEEP_MS = 20
