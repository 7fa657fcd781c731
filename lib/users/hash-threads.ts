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
  const free: HashThread[] = []
  let isClosed = false

  const run = async (work: HashWork): Promise<unknown> => {
    const thread = free.pop() ?? new HashThread()
    const result = await thread.run(work) // one that fails is gone
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
  #resolve: (result: unknown) => void = ignore
  #reject: (error: unknown) => void = ignore

  constructor() {
    this.#worker
      .on('message', (result: unknown) => {
        this.#worker.unref()
        this.#resolve(result)
      })
      .on('error', (error) => this.#reject(error))
      .on('exit', () => this.#reject(new Error('a thread that hashes has ended')))
  }

  run(work: HashWork): Promise<unknown> {
    this.#worker.ref()
    return new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
      this.#worker.postMessage(work)
    })
  }

  end(): void {
    void this.#worker.terminate()
  }
}

const WORKER = new URL('./hash-worker.js', import.meta.url)
const ignore = (): void => {}
