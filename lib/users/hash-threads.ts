import { once } from 'node:events'
import { openThread } from '../threads.js'
import type { HashWork } from './hash-worker.js'
import type { PasswordHasher } from './passwords.js'

/** `bcrypt` on threads of its own. */
export interface HashThreads extends PasswordHasher {
  /** Ends those that have nothing to do, and the others as soon as they have. */
  close(): void
}

/**
 * Each work goes to the thread that was used last, and to a new one if none is free. On the threads of libuv it
 * would go to the one that has slept the longest, to which the system gives a core for milliseconds before any
 * other: with two cores the p99 of others doubled.
 */
export const createHashThreads = (): HashThreads => {
  let free: HashThread[] = []
  let isClosed = false

  const run = async (work: HashWork): Promise<unknown> => {
    const thread =
      free.pop() ?? new HashThread((broken) => (free = free.filter((one) => one !== broken)))
    const result = await thread.run(work)
    if (isClosed) thread.end()
    else free.push(thread)
    return result
  }

  return {
    // Of the kind that was asked for.
    hash: (password, cost) => run({ password, cost }) as Promise<string>,
    compare: (password, hash) => run({ password, hash }) as Promise<boolean>,
    close: () => {
      isClosed = true
      for (const thread of free.splice(0)) thread.end()
    },
  }
}

/** Does one work after another; keeps a process alive only while it does. */
class HashThread {
  readonly #worker = openThread(WORKER)

  /** @param onBroken is told when it is of no use any more, also while it does nothing */
  constructor(onBroken: (thread: HashThread) => void) {
    this.#worker.on('error', () => onBroken(this))
  }

  async run(work: HashWork): Promise<unknown> {
    this.#worker.ref()
    this.#worker.postMessage(work)
    const [result] = (await once(this.#worker, 'message')) as unknown[]
    this.#worker.unref()
    return result
  }

  end(): void {
    this.#worker.postMessage('end')
  }
}

const WORKER = new URL('./hash-worker.js', import.meta.url)
