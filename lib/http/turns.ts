import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { cut, type Answering } from './cut.js'
import type { Departures } from './departures.js'
import type { Turn } from './exchange.js'

/** Runs the requests of one connection one after another, as their answers must come. */
export interface Turns {
  /** Calls `run` when no earlier request of the connection is unanswered. */
  take(request: IncomingMessage, run: Run): void
  /** What is owed on the connection: no answer, the flush of one that is written, or an answer. */
  owes(socket: Socket): 'nothing' | 'flush' | 'answer'
  /** How many requests of the connection were run. */
  ranOn(socket: Socket): number
  /** Whether the request that is running still arrives, and nothing of its answer is sent. */
  awaitsBody(socket: Socket): boolean
  /** Whether the request that still arrives has had its answer. */
  isAnswered(socket: Socket): boolean
  /** Closes the connection: an answer that is written whole is flushed first, another is cut. */
  close(socket: Socket): void
  /** Cuts the connection now; an answer that is on its way cannot look whole. */
  cut(socket: Socket): void
  /** How many answers are on their way, on all connections. */
  readonly openCount: number
}

type Run = (turn: Turn) => Answering

/** Is the turn of each of its requests, one after another: whoever begins reads `isLast` at once. */
interface Queue extends Turn {
  isLast: boolean
  /** The answer that is on its way, if one is. */
  running: Answering | undefined
  isBusy: boolean
  /** What was answered before it had arrived. */
  unread: IncomingMessage | undefined
  /** How many were run. */
  ran: number
  waiting: Run[]
}

export interface TurnsOptions {
  /** How many requests of one connection may wait. */
  limitWaiting: number
  /** How many requests one connection may have. */
  limitRequests: number
  /** What is written of answers, and has not gone out yet. */
  departures: Departures
}

/**
 * A pipelining client (RFC 9112 Section 9.3.2) could otherwise have any number of upstream requests
 * at once behind one connection. One with too many requests waiting is cut off.
 */
export const createTurns = ({ limitWaiting, limitRequests, departures }: TurnsOptions): Turns => {
  // One entry a connection, not one a request: a map that changes with each keeps the dead alive.
  const queues = new WeakMap<Socket, Queue>()
  let openCount = 0

  const queueOf = (socket: Socket): Queue => {
    const known = queues.get(socket)
    if (known) return known
    const queue: Queue = {
      isLast: false,
      leave: () => {
        openCount--
        next(socket, queue)
      },
      running: undefined,
      isBusy: false,
      unread: undefined,
      ran: 0,
      waiting: [],
    }
    queues.set(socket, queue)
    // A client that says goodbye is owed the answer all the same: node says it back.
    socket.prependListener('end', departures.letGo)
    return queue
  }

  const start = (queue: Queue, run: Run): void => {
    openCount++
    queue.isBusy = true
    queue.ran++
    queue.isLast = queue.ran >= limitRequests
    queue.running = run(queue)
  }

  const next = (socket: Socket, queue: Queue): void => {
    const request = queue.running?.request
    queue.unread = request?.complete ? undefined : request
    queue.running = undefined
    queue.isBusy = false
    // Behind an answer that closes the connection nothing is run: nobody would hear of it.
    if (!socket.writable || queue.isLast) queue.waiting = []
    const run = queue.waiting.shift()
    if (run) start(queue, run)
  }

  const owes = (socket: Socket): ReturnType<Turns['owes']> => {
    departures.letGo()
    const queue = queues.get(socket)
    if (!queue?.isBusy) return 'nothing'
    const { running } = queue
    return running?.isWhole || running?.response.writableEnded ? 'flush' : 'answer'
  }

  const cutNow = (socket: Socket): void => {
    departures.letGo()
    const running = queues.get(socket)?.running
    if (running) cut(running)
    socket.destroy()
  }

  const close = (socket: Socket): void => {
    if (owes(socket) === 'flush') {
      queues.get(socket)?.running?.response.end() // the last chunk of it
      socket.end('', () => socket.destroy())
    } else cutNow(socket)
  }

  return {
    take: ({ socket }, run) => {
      if (!socket.writable) return // the answer before it closed the connection
      const queue = queueOf(socket)
      if (!queue.isBusy) start(queue, run)
      else if (queue.waiting.length >= limitWaiting) close(socket)
      else queue.waiting.push(run)
    },
    owes,
    ranOn: (socket) => queues.get(socket)?.ran ?? 0,
    awaitsBody: (socket) => {
      const running = queues.get(socket)?.running
      return running !== undefined && !running.request.complete && !running.response.headersSent
    },
    isAnswered: (socket) => queues.get(socket)?.unread?.complete === false,
    close,
    cut: cutNow,
    get openCount() {
      return openCount
    },
  }
}
