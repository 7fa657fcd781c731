/** What is written together with all else that is in this turn of the event loop. */
export interface Departing {
  depart(): void
}

/**
 * Gathers what is to be written until the end of a turn of the event loop, as Redis does its replies:
 * whoever reads the other ends of many connections is woken once for all of them, and writes in a row cost
 * less than one here and one there. A tenth of the CPU time of a proxied GET under load.
 */
export class Departures {
  #waiting: Departing[] = []

  /** Calls its `depart` at the end of this turn. */
  add(departing: Departing): void {
    const count = this.#waiting.push(departing)
    if (count === MOST_WAITING) this.letGo()
    else if (count === 1) setImmediate(this.letGo)
  }

  /** Lets all that wait depart now. */
  readonly letGo = (): void => {
    const departing = this.#waiting
    if (departing.length === 0) return
    this.#waiting = []
    let count = 0
    try {
      for (const one of departing) {
        count++
        one.depart()
      }
    } finally {
      // What is wrong with one is no fault of the others.
      for (const one of departing.slice(count)) this.add(one)
    }
  }
}

// However much there is in a turn, the first does not wait for long.
const MOST_WAITING = 64
