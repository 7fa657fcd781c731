import type { Clock } from '../clock.js'
import type { Verb } from '../stores/verbs.js'
import { createChannel, type Channel } from './channel.js'
import type { Place, Ports, PrimaryNote, StartFailure, WorkerNote } from './messages.js'

/** What is used of a process that was forked. */
export interface WorkerProcess {
  readonly pid: number
  /** Sends a message; `sent` is called once it is on its way, or never will be. */
  send(message: unknown, sent: () => void): void
  onMessage(take: (message: unknown) => void): void
  /** Resolves to the exit status, or the signal, that it ended with. */
  readonly ended: Promise<string>
  kill(): void
}

/** A worker as the primary has it. */
export interface Worker extends Pick<Channel<PrimaryNote>, 'ask'> {
  readonly pid: number
  readonly slot: number
  /** Rejects with a `WorkerFailed`. */
  readonly up: Promise<Ports>
  readonly isUp: boolean
  /** Whether it was asked to end. */
  readonly isClosing: boolean
  readonly ended: Promise<string>
  /** Tells it, unless it has not taken what it was told before. */
  tell(note: PrimaryNote): void
  /** Asks it to end and waits until it has, but no longer than is good. */
  close(idleMs: number): Promise<void>
  kill(): void
}

/** A worker that did not come up. */
export class WorkerFailed extends Error {
  override readonly name = 'WorkerFailed'
  readonly failure: StartFailure

  constructor(failure: StartFailure) {
    super(failure.cause)
    this.failure = failure
  }
}

export interface WorkerOptions {
  process: WorkerProcess
  slot: number
  /** Where its place is, once it listens to that. */
  place: () => Place
  verbs: ReadonlyMap<string, Verb>
  onNote: (note: WorkerNote) => void
  clock: Clock
  /** How long it may take to come up, and to end once it is asked to, in milliseconds. */
  startMs: number
  closeMs: number
}

/** Gives a process that was forked its place. */
export const createWorker = (options: WorkerOptions): Worker => {
  const { process, slot, place, verbs, onNote, clock, startMs, closeMs } = options
  let unsent = 0
  let isUp = false
  let closing: PrimaryNote | undefined
  const post = (message: unknown): void => {
    unsent++
    process.send(message, () => unsent--)
  }
  let settle: (outcome: Ports | StartFailure) => void
  const outcome = new Promise<Ports | StartFailure>((resolve) => (settle = resolve))
  const channel: Channel<PrimaryNote> = createChannel<PrimaryNote, WorkerNote>({
    post,
    verbs,
    onNote: (note) => {
      // What it was told before is lost.
      if (note.note === 'here') channel.tell(closing ?? { note: 'start', place: place() })
      else if (note.note === 'up') settle(note.ports)
      else if (note.note === 'failed') settle(note.failure)
      else onNote(note)
    },
  })
  process.onMessage((message) => channel.take(message))
  void process.ended.then((how) => {
    channel.giveUp()
    settle(failureOf(`a worker ended before it was ready (${how})`))
  })
  void clock.sleep(startMs).then(() => {
    if (isUp) return
    settle(failureOf('a worker was not ready in time'))
    process.kill()
  })
  const up = outcome.then((result) => {
    if ('port' in result) {
      isUp = true
      return result
    }
    throw new WorkerFailed(result)
  })
  up.catch(() => {}) // whoever waits for it is told
  return {
    pid: process.pid,
    slot,
    up,
    ended: process.ended,
    get isUp() {
      return isUp
    },
    get isClosing() {
      return closing !== undefined
    },
    ask: (verb, args, limitMs) => channel.ask(verb, args, limitMs),
    tell: (note) => {
      if (unsent < LIMIT_UNSENT) channel.tell(note)
    },
    close: async (idleMs) => {
      closing = { note: 'close', idleMs }
      channel.tell(closing)
      await Promise.race([process.ended, clock.sleep(closeMs)])
      process.kill()
      await process.ended
    },
    kill: () => process.kill(),
  }
}

// Of one that stands still. What it misses it asks for.
const LIMIT_UNSENT = 100

const failureOf = (cause: string): StartFailure => ({
  lines: [`cannot start: ${cause}`],
  status: 1,
  cause,
})
