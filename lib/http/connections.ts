import type { Server } from 'node:http'
import type { Server as SecureServer } from 'node:https'
import type { Server as TcpServer, Socket } from 'node:net'
import type { Turns } from './turns.js'

/** The client connections of a server. */
export interface Connections {
  /** How many there are; of HTTPS those too that have not shaken hands yet. */
  readonly count: number
  /** Whether none is left that can bring a request. */
  readonly isEmpty: boolean
  /** Closes those on which nothing is owed. */
  closeIdle(): void
  /**
   * Closes those on which nothing was owed, and no request came, in `IDLE_LOOKS` calls: who has come just
   * now has his time, also to shake hands, but a header section that trickles in has no more of it.
   */
  closeStale(): void
  /** Closes all; an answer that is on its way cannot look whole. */
  cut(): void
}

/**
 * Follows the connections of `server` from now on. Where fewer than a tenth of `limit` are free, who comes
 * displaces one on which nothing is owed: those who hold connections and ask for nothing cannot keep
 * others out. Who comes beyond it is closed.
 */
export const followConnections = (
  server: Server | SecureServer,
  turns: Turns,
  limit: number,
): Connections => {
  const isSecure = 'setSecureContext' in server
  const sockets = follow(server, isSecure ? 'secureConnection' : 'connection')
  const bare = isSecure ? follow(server, 'connection') : sockets
  const shaking = isSecure ? followShaking(server) : NONE
  const seen = new WeakMap<Socket, { ran: number; looks: number }>()
  const ranBefore = new WeakMap<Socket, number>()

  const isIdle = (socket: Socket): boolean =>
    turns.owes(socket) === 'nothing' && socket.writableLength === 0

  const isStale = (socket: Socket): boolean => {
    const ran = turns.ranOn(socket)
    const known = seen.get(socket)
    if (known?.ran === ran) return ++known.looks > IDLE_LOOKS
    seen.set(socket, { ran, looks: 1 })
    return false
  }

  /** Whether a request came since it was asked last. */
  const isInUse = (socket: Socket): boolean => {
    const ran = turns.ranOn(socket)
    const before = ranBefore.get(socket) ?? 0
    ranBefore.set(socket, ran)
    return ran !== before
  }

  // Round and round, from who came first on: whoever is in use is asked again a round later.
  const displace = (comer: Socket): void => {
    let looks = Math.min(DISPLACING_LOOKS, sockets.size)
    for (const socket of sockets) {
      if (looks-- === 0) break
      sockets.delete(socket)
      if (socket !== comer && isIdle(socket) && !isInUse(socket)) return void socket.destroy()
      sockets.add(socket)
    }
    const [first] = shaking.values()
    if (first !== comer) first?.destroy()
  }

  const roomy = limit - Math.floor(limit / 10)
  server.on('connection', (socket: Socket) => {
    if (bare.size > limit) socket.destroy()
    else if (bare.size > roomy && !socket.destroyed) displace(socket)
  })

  return {
    get count() {
      return bare.size
    },
    get isEmpty() {
      return sockets.size === 0
    },
    closeIdle: () => {
      for (const socket of sockets) if (isIdle(socket)) socket.destroy()
    },
    closeStale: () => {
      for (const socket of sockets) if (isIdle(socket) && isStale(socket)) socket.destroy()
      for (const socket of shaking.values()) if (isStale(socket)) socket.destroy()
    },
    cut: () => {
      for (const socket of sockets) turns.cut(socket)
      for (const socket of bare) socket.destroy()
    },
  }
}

/** After how many looks a connection on which nothing happens is stale. */
const IDLE_LOOKS = 8

/** How many connections are looked at to find one that gives way. */
const DISPLACING_LOOKS = 16

const follow = (server: TcpServer, event: string): Set<Socket> => {
  const sockets = new Set<Socket>()
  server.on(event, (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  return sockets
}

const NONE: ReadonlyMap<string, Socket> = new Map()

// The socket that shakes hands is another than the one it is made of, but has the same peer.
const followShaking = (server: TcpServer): ReadonlyMap<string, Socket> => {
  const shaking = new Map<string, Socket>()
  const nameOf = ({ remoteAddress, remotePort }: Socket): string => `${remoteAddress} ${remotePort}`
  server.on('connection', (socket: Socket) => {
    const name = nameOf(socket)
    shaking.set(name, socket)
    socket.once('close', () => shaking.get(name) === socket && shaking.delete(name))
  })
  server.on('secureConnection', (socket: Socket) => shaking.delete(nameOf(socket)))
  return shaking
}
