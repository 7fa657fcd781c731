import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** Runs the requests of one connection one after another, as their answers must come. */
export interface Turns {
  /** Calls `run` when no earlier request of the connection is unanswered. */
  take(request: IncomingMessage, response: ServerResponse, run: () => void): void
  /** Whether an answer is still owed on the connection. */
  isBusy(socket: Socket): boolean
}

interface Turn {
  response: ServerResponse
  run: () => void
}

/**
 * A pipelining client (RFC 9112 Section 9.3.2) could otherwise have any number of upstream requests
 * at once behind one connection. One with more than `limitWaiting` requests waiting is cut off.
 */
export const createTurns = (limitWaiting: number): Turns => {
  const waitingOn = new WeakMap<Socket, Turn[]>()

  const start = (socket: Socket, { response, run }: Turn): void => {
    response.once('close', () => next(socket))
    run()
  }

  const next = (socket: Socket): void => {
    const turn = socket.destroyed ? undefined : waitingOn.get(socket)?.shift()
    if (turn) start(socket, turn)
    else waitingOn.delete(socket)
  }

  return {
    take: ({ socket }, response, run) => {
      const waiting = waitingOn.get(socket)
      if (!waiting) {
        waitingOn.set(socket, [])
        start(socket, { response, run })
      } else if (waiting.length < limitWaiting) waiting.push({ response, run })
      else socket.destroy()
    },
    isBusy: (socket) => waitingOn.has(socket),
  }
}
