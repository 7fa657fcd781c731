/** A request that waits for a place. One of the two is called, once; neither when it has left. */
interface Waiter {
  /** Whose request it is. */
  readonly user: string
  /** The place is its own now. */
  onTaken(): void
  /** Its place in the queue is that of another user now, who has fewer. */
  onDropped(): void
}

/** A bounded number of places, and a bounded queue for them that is fair between users. */
export interface Slots {
  /** How many are taken. */
  readonly taken: number
  readonly isFull: boolean
  /** How many wait for one. */
  readonly waiting: number
  /** Takes a place; only when there is one. */
  take(): void
  /**
   * Waits for a place: users have their turns one after another, the requests of one first come, first
   * served. In a full queue the newest of the user with the most makes way for one who has fewer.
   * Gives what leaves the queue, or `undefined` when too many wait already.
   */
  wait(waiter: Waiter): (() => void) | undefined
  /** Gives a place back, to one who waits. */
  release(): void
}

/** `onIdle` is called when the last place that was taken is given back. */
export const createSlots = (limit: number, limitWaiting: number, onIdle?: () => void): Slots =>
  new FairSlots(limit, limitWaiting, onIdle)

class FairSlots implements Slots {
  readonly #limit: number
  readonly #limitWaiting: number
  readonly #onIdle: (() => void) | undefined
  #taken = 0
  #waiting = 0
  // By user; whose turn is next comes first. Made when one has to wait, which most never have.
  #queues: Map<string, Set<Waiter>> = NO_QUEUES

  constructor(limit: number, limitWaiting: number, onIdle: (() => void) | undefined) {
    this.#limit = limit
    this.#limitWaiting = limitWaiting
    this.#onIdle = onIdle
  }

  get taken(): number {
    return this.#taken
  }

  get isFull(): boolean {
    return this.#taken >= this.#limit
  }

  get waiting(): number {
    return this.#waiting
  }

  take(): void {
    this.#taken++
  }

  wait(waiter: Waiter): (() => void) | undefined {
    const { user } = waiter
    if (this.#waiting >= this.#limitWaiting && !this.#makeRoom(user)) return undefined
    if (this.#queues === NO_QUEUES) this.#queues = new Map()
    const queue = this.#queues.get(user)
    if (queue) queue.add(waiter)
    else this.#queues.set(user, new Set([waiter]))
    this.#waiting++
    return () => this.#remove(waiter)
  }

  release(): void {
    // Later: one that fails at once gives its place back at once, and a long queue would be a deep stack.
    if (this.#waiting > 0) queueMicrotask(() => this.#handOn())
    else this.#free()
  }

  #handOn(): void {
    const [next] = this.#queues
    if (!next) return this.#free() // they have left meanwhile
    const [user, queue] = next
    const waiter = queue.values().next().value as Waiter // a queue that is there is not empty
    this.#queues.delete(user)
    this.#queues.set(user, queue) // behind the others
    this.#remove(waiter)
    waiter.onTaken()
  }

  #free(): void {
    this.#taken--
    if (this.#taken === 0) this.#onIdle?.()
  }

  #makeRoom(user: string): boolean {
    let longest: ReadonlySet<Waiter> = NOBODY
    for (const queue of this.#queues.values()) if (queue.size > longest.size) longest = queue
    const own = this.#queues.get(user) ?? NOBODY
    if (longest.size <= own.size + 1) return false
    const newest = [...longest].at(-1) as Waiter // it is longer than another
    this.#remove(newest)
    newest.onDropped()
    return true
  }

  #remove(waiter: Waiter): void {
    const { user } = waiter
    const queue = this.#queues.get(user)
    if (!queue?.delete(waiter)) return // it has left already
    this.#waiting--
    if (queue.size === 0) this.#queues.delete(user)
  }
}

const NO_QUEUES: Map<string, Set<Waiter>> = new Map()
const NOBODY: ReadonlySet<Waiter> = new Set()
