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
    // TCP, TLS or a Unix socket; for a request with a body newer versions of node give a mere stream.
    const socket = duplex as Socket
    const upgrade = acceptUpgrade(request, socket, head)
    // Behind an answer that closes the connection nothing is run, and node may have given the socket to
    // a response that will never be sent.
    if (!request.socket.writable) return
    // Its answer could only be written behind those that are owed, and node has let the socket go.
    if (turns.owes(request.socket) !== 'nothing') return turns.close(request.socket)
    const response = new ServerResponse(request)
    response.shouldKeepAlive = false
    response.assignSocket(socket)
    response.once('finish', () => socket.end(() => socket.destroy()))
    // node has taken its own listener away, by which a slow client is waited for.
    socket.on('drain', () => response.emit('drain'))
    entrance(request, response, { upgrade })
  }
