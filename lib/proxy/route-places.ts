import { createSlots, type Slots } from './slots.js'

/** How many requests a route has, all together and of each user. */
export interface RoutePlaces {
  /** Counts a request; `false` when it is one too many, which counts all the same. */
  enter(): boolean
  /** One that was counted is over. */
  leave(): void
  /** The places of one user: take one at once, or wait for one. */
  of(user: string): Slots
  /** How many users have a request in flight. */
  readonly userCount: number
}

export interface RoutePlacesOptions {
  /** Requests and upgraded connections at once, those that wait too. */
  limitRequests: number
  /** Of one user in flight. */
  limitUserRequests: number
  /** Of one user waiting until others of his are over. */
  limitUserWaiting: number
}

/**
 * A route that hangs keeps only its share of what all routes need, the connections of clients above
 * all, and one user only his share of the route. Who has nothing in flight is forgotten.
 */
export const createRoutePlaces = (options: RoutePlacesOptions): RoutePlaces => {
  const { limitRequests, limitUserRequests, limitUserWaiting } = options
  const users = new Map<string, Slots>()
  let count = 0
  return {
    enter: () => ++count <= limitRequests,
    leave: () => void count--,
    of: (user) => {
      const known = users.get(user)
      if (known) return known
      const slots = createSlots(limitUserRequests, limitUserWaiting, () => users.delete(user))
      users.set(user, slots)
      return slots
    },
    get userCount() {
      return users.size
    },
  }
}
