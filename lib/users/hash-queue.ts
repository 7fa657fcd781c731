import { GatewayError } from '../errors.js'

/** Calls `onExpired` once when `ms` milliseconds have passed, unless it is cleared before. */
type StartTimer = (ms: number, onExpired: () => void) => { clear(): void }

export interface HashQueueOptions {
  /** Works at once. */
  concurrency: number
  /** How many may wait for their turn. */
  limitWaiting: number
  /** How long each may wait, in milliseconds. */
  limitWaitMs: number
  startTimer: StartTimer
  /** The time, in milliseconds since any moment. */
  nowMs: () => number
  /** Called when the turn of a work comes, which waited so long. */
  onTurn: (waitedMs: number) => void
}

export interface HashQueue {
  readonly waiting: number
  readonly running: number
  /**
   * Does a work when its turn comes, first come first served. Rejects with `overloaded`, and does it
   * never, as soon as it finds too many waiting, has waited too long, or `gone` is aborted before its
   * turn.
   */
  run<T>(work: () => Promise<T>, gone: AbortSignal): Promise<T>
}

export const createHashQueue = (options: HashQueueOptions): HashQueue => {
  const { concurrency, limitWaiting, limitWaitMs, startTimer, nowMs } = options
  const line = new Place(() => {})
  let waiting = 0
  let running = 0

  const turn = (gone: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      const stepOut = (): void => {
        waiting--
        place.remove()
        timer.clear()
        gone.removeEventListener('abort', giveUp)
      }
      const giveUp = (): void => {
        stepOut()
        reject(new GatewayError('overloaded'))
      }
      const place = new Place(() => {
        stepOut()
        resolve()
      })
      const timer = startTimer(limitWaitMs, giveUp)
      gone.addEventListener('abort', giveUp)
      place.putBefore(line) // the line is a ring: its last place
      waiting++
    })

  return {
    get waiting() {
      return waiting
    },
    get running() {
      return running
    },
    run: async (work, gone) => {
      // Nobody hears of it.
      if (gone.aborted) throw new GatewayError('overloaded')
      const startMs = nowMs()
      if (running < concurrency) running++
      else if (waiting >= limitWaiting) throw new GatewayError('overloaded')
      else await turn(gone)
      options.onTurn(nowMs() - startMs)
      try {
        return await work()
      } finally {
        // The turn goes straight to who waited longest; nobody who comes in between can take it.
        if (line.next === line) running--
        else line.next.call()
      }
    },
  }
}

/** One of a ring, which can be put in and taken out whatever the length of the ring. */
class Place {
  readonly call: () => void
  next: Place = this
  #previous: Place = this

  constructor(call: () => void) {
    this.call = call
  }

  putBefore(other: Place): void {
    this.next = other
    this.#previous = other.#previous
    this.#previous.next = this
    other.#previous = this
  }

  remove(): void {
    this.#previous.next = this.next
    this.next.#previous = this.#previous
    // One that is out and points to others would keep them in memory.
    this.next = this.#previous = this
  }
}
