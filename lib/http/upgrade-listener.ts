import { ServerResponse, type IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Entrance } from './entrance.js'
import type { Turns } from './turns.js'
import { acceptUpgrade } from './upgrade.js'

/**
 * What listens to `upgrade` on a server. The request is answered like any other, with a response
 * that closes the connection, unless a handler takes the upgrade over.
 */
export type UpgradeListener = (request: IncomingMessage, duplex: Duplex, head: Buffer) => void

export const createUpgradeListener =
  (entrance: Entrance, turns: Turns): UpgradeListener =>
  (request, duplex, head) => {
    const socket = duplex as Socket // TCP, TLS or a Unix socket
    const upgrade = acceptUpgrade(request, socket, head)
    // Its answer could only be written behind those that are owed, and node has let the socket go.
    if (turns.owes(socket) !== 'nothing') return turns.close(socket)
    const response = new ServerResponse(request)
    response.shouldKeepAlive = false
    response.assignSocket(socket)
    response.once('finish', () => socket.destroySoon())
    // node has taken its own listener away, by which a slow client is waited for.
    socket.on('drain', () => response.emit('drain'))
    entrance(request, response, { upgrade })
  }
