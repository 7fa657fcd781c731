import { GatewayError, type ErrorCode } from '../errors.js'

/** A verb that another thread or process is asked for. */
export interface Call {
  id: number
  /** `users.insert`, and so on. */
  verb: string
  args: unknown[]
  /** When nobody waits any more, in Unix milliseconds. */
  untilMs: number
}

export type Answer = { id: number; value: unknown } | { id: number; code: ErrorCode }

/** What was asked for and has no answer yet. */
export interface Calls {
  /**
   * Resolves to the answer; rejects with `overloaded` where too many wait already, and with
   * `store_unavailable` where none will come.
   */
  make(verb: string, args: unknown[], untilMs: number): Promise<unknown>
  /** Takes an answer. */
  take(answer: Answer): void
  /** No answer will come any more, to what is asked later neither. */
  giveUp(): void
}

/** @param limitWaiting how many may wait, also those that nobody waits for any more */
export const createCalls = (post: (call: Call) => void, limitWaiting: number): Calls => {
  const waiting = new Map<number, { resolve: (value: unknown) => void; reject: Reject }>()
  let nextId = 0
  let isOver = false
  return {
    make: async (verb, args, untilMs) => {
      if (isOver) throw new GatewayError('store_unavailable')
      if (waiting.size >= limitWaiting) throw new GatewayError('overloaded')
      const id = nextId++
      post({ id, verb, args, untilMs })
      return new Promise((resolve, reject) => waiting.set(id, { resolve, reject }))
    },
    take: (answer) => {
      const asked = waiting.get(answer.id)
      waiting.delete(answer.id)
      if ('code' in answer) asked?.reject(new GatewayError(answer.code))
      else asked?.resolve(answer.value)
    },
    giveUp: () => {
      isOver = true
      for (const { reject } of waiting.values()) reject(new GatewayError('store_unavailable'))
      waiting.clear()
    },
  }
}

type Reject = (error: GatewayError) => void
