import type { Server } from 'node:http'
import type { Server as SecureServer } from 'node:https'
import { Server as TcpServer, type Socket } from 'node:net'
import type { Deadlines } from './deadlines.js'
import type { Turns } from './turns.js'

/**
 * Stops accepting and waits for what is in flight, also on servers that are not ours. What is left
 * after `limitMs` milliseconds is cut; resolves to whether nothing was.
 */
export type Drain = (limitMs: number) => Promise<boolean>

export interface DrainOptions {
  server: Server | SecureServer
  turns: Turns
  deadlines: Deadlines
}

/** Follows the connections of `server` from now on. */
export const createDrain = ({ server, turns, deadlines }: DrainOptions): Drain => {
  const isSecure = 'setSecureContext' in server
  const sockets = follow(server, isSecure ? 'secureConnection' : 'connection')
  // Of HTTPS those too that have not shaken hands yet.
  const bare = isSecure ? follow(server, 'connection') : sockets

  const closeIdle = (): void => {
    for (const socket of sockets)
      if (turns.owes(socket) === 'nothing' && socket.writableLength === 0) socket.destroy()
  }

  return (limitMs) =>
    new Promise((resolve) => {
      // The close of an HTTP server would cut answers that are written but not yet flushed.
      TcpServer.prototype.close.call(server)
      const finish = (isClean: boolean): void => {
        clearInterval(sweep)
        deadline.clear()
        for (const socket of sockets) turns.cut(socket)
        for (const socket of bare) socket.destroy()
        server.close() // stops its timer
        resolve(isClean)
      }
      const deadline = deadlines.start(limitMs, () => finish(false))
      const look = (): void => {
        closeIdle()
        if (sockets.size === 0 && turns.openCount === 0) finish(true)
      }
      const sweep = setInterval(look, SWEEP_MS)
      look()
    })
}

const follow = (server: TcpServer, event: string): ReadonlySet<Socket> => {
  const sockets = new Set<Socket>()
  server.on(event, (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  return sockets
}

const SWEEP_MS = 20
