/** A bounded number of places, and a bounded queue for them. */
export interface Slots {
  /** How many are taken. */
  readonly taken: number
  readonly isFull: boolean
  /** Takes a place; only when there is one. */
  take(): void
  /**
   * Waits for a place, first come, first served; `onTaken` is called when it is ours. Gives what
   * leaves the queue, or `undefined` when too many wait already.
   */
  wait(onTaken: () => void): (() => void) | undefined
  /** Gives a place back, to the first who waits. */
  release(): void
}

export const createSlots = (limit: number, limitWaiting: number): Slots => {
  const waiting = new Set<{ onTaken: () => void }>()
  let taken = 0
  return {
    get taken() {
      return taken
    },
    get isFull() {
      return taken >= limit
    },
    take: () => void taken++,
    wait: (onTaken) => {
      if (waiting.size >= limitWaiting) return undefined
      const waiter = { onTaken }
      waiting.add(waiter)
      return () => void waiting.delete(waiter)
    },
    release: () => {
      const [first] = waiting
      if (!first) return void taken--
      waiting.delete(first)
      first.onTaken()
    },
  }
}
