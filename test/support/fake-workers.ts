// Workers in this process, as those that are forked: what is sent is copied on its way, and takes a while.
import { createMember, type Member } from '../../lib/workers/member.js'
import type { Place } from '../../lib/workers/messages.js'
import type { WorkerProcess } from '../../lib/workers/worker.js'

export interface FakeWorker {
  process: WorkerProcess
  member: Member
  place: Place | undefined
  /** Takes nothing any more, as one that stands still. */
  isDeaf: boolean
  /** Takes nothing of what comes before it says that it is here. */
  isHere: boolean
  /** Does not end when it is told to. */
  isStubborn: boolean
  /** How long it was told to leave idle connections alone; `undefined` as long as it is not to end. */
  closingMs: number | undefined
  wasKilled: boolean
  end: (how: string) => void
}

/** What becomes of a worker that has got its place. */
type Start = (worker: FakeWorker) => void

export const comeUp: Start = ({ member }) =>
  member.tell({ note: 'up', ports: { port: 8080, admin: 8081 } })

export const failToStart: Start = ({ member, end }) => {
  const failure = { lines: ['port 80 is taken'], status: 1, cause: 'taken' }
  member.tell({ note: 'failed', failure })
  setImmediate(() => end('exit status 1'))
}

/** Forks workers that start as the last of `starts` says, or the one of their place in the order. */
export const createFakeForks = (...starts: Start[]) => {
  const all: FakeWorker[] = []
  const fork = (): FakeWorker => {
    let end = (_how: string): void => {}
    const ended = new Promise<string>((resolve) => (end = resolve))
    let take = (_message: unknown): void => {}
    const member = createMember((message) => setImmediate(() => take(structuredClone(message))))
    const start = starts[Math.min(all.length, starts.length - 1)] ?? comeUp
    const worker: FakeWorker = {
      member,
      place: undefined,
      isDeaf: false,
      isHere: false,
      isStubborn: false,
      closingMs: undefined,
      wasKilled: false,
      end: (how) => end(how),
      process: {
        pid: 1_000 + all.length,
        send: (message, sent) =>
          setImmediate(() => {
            if (worker.isDeaf) return
            if (worker.isHere) member.take(structuredClone(message))
            sent()
          }),
        onMessage: (taker) => {
          take = taker
          setImmediate(() => {
            worker.isHere = true
            member.tell({ note: 'here' })
          })
        },
        ended,
        kill: () => {
          worker.wasKilled = true
          end('SIGKILL')
        },
      },
    }
    void member.place.then((place) => {
      worker.place = place
      start(worker)
    })
    void member.closing.then((idleMs) => {
      worker.closingMs = idleMs
      if (!worker.isStubborn) end('exit status 0')
    })
    all.push(worker)
    return worker
  }
  return { all, fork }
}
