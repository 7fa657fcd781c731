import { once } from 'node:events'
import { resolve as toAbsolute } from 'node:path'
import type { Worker } from 'node:worker_threads'
import { GatewayError } from '../errors.js'
import { openThread } from '../threads.js'
import { createCalls, type Answer, type Calls } from './calls.js'
import { StoreError, type Engine } from './engine.js'
import { inTime } from './in-time.js'
import type { SqliteWorkerData } from './sqlite-worker.js'
import { askedVerbs, askingInTime } from './verbs.js'

export interface SqliteEngineOptions {
  /** Where the database is; created for its owner alone where there is none. */
  file: string
  /** `node:sqlite` or `libsql`. Default: the first that is there. */
  driver?: 'node:sqlite' | 'libsql'
  /** After how long a verb fails, in milliseconds. */
  timeoutMs: number
  /** How often it is looked whether another process has written, in milliseconds. Default 200. */
  pollMs?: number
  /** How long a thread may take to start, beside the time of a verb, in milliseconds. Default 10000. */
  startMs?: number
  /** How many requests may wait for it. Default 10000. */
  limitWaiting?: number
}

const DEFAULT_POLL_MS = 200
const DEFAULT_START_MS = 10_000
const DEFAULT_LIMIT_WAITING = 10_000

interface Thread {
  worker: Worker
  ready: Promise<void>
  exited: Promise<void>
  calls: Calls
}

/**
 * SQLite in a thread of its own, so that neither the disk nor the lock of another process holds up
 * this one. For one machine and several processes: not for a file on a network. A thread that died
 * is replaced by the next request.
 */
export const createSqliteEngine = (options: SqliteEngineOptions): Engine => {
  const { file, driver, timeoutMs, pollMs = DEFAULT_POLL_MS, startMs = DEFAULT_START_MS } = options
  const { limitWaiting = DEFAULT_LIMIT_WAITING } = options
  const busyMs = Math.ceil(timeoutMs / 2)
  // A driver takes some names for something else: `:memory:`, and what begins with `file:`.
  const workerData = {
    file: toAbsolute(file),
    driver,
    pollMs,
    busyMs,
    mustExist: false,
    isDry: false,
  }
  const listeners: Array<() => void> = []
  let thread: Thread | undefined
  let wasOpen = false
  let isClosed = false
  let retryAtMs = 0

  const tell = (): void => {
    for (const listener of listeners) listener()
  }

  const start = (): Thread => {
    const started = startThread({ ...workerData, mustExist: wasOpen }, tell, limitWaiting)
    started.ready.then(
      () => {
        // Others may have written while there was no thread.
        if (wasOpen) tell()
        wasOpen = true
      },
      () => (retryAtMs = performance.now() + pollMs),
    )
    void started.exited.then(() => {
      if (thread === started) thread = undefined
    })
    thread = started
    return started
  }

  const request = async (verb: string, args: unknown[]): Promise<unknown> => {
    const untilMs = Date.now() + timeoutMs
    if (isClosed || !wasOpen || (!thread && performance.now() < retryAtMs))
      throw new GatewayError('store_unavailable')
    const current = thread ?? start()
    await current.ready
    return current.calls.make(verb, args, untilMs)
  }

  const verbs = askedVerbs(askingInTime(timeoutMs, request))

  return {
    name: 'sqlite',
    ...verbs,
    revocations: { ...verbs.revocations, listen: (onNews) => void listeners.push(onNews) },
    open: async () => {
      isClosed = false
      const { ready, worker } = thread ?? start()
      await inTime(
        startMs + timeoutMs,
        ready.catch((error: StoreError) => error),
      ).then(
        (problem) => {
          if (problem) throw problem
        },
        () => {
          void worker.terminate()
          throw new StoreError('the SQLite file cannot be reached', { isPassing: true })
        },
      )
    },
    pending: () => askPending({ ...workerData, isDry: true }, startMs + timeoutMs),
    close: async () => {
      isClosed = true
      if (!thread) return
      const { worker, exited } = thread
      worker.postMessage('end')
      await inTime(timeoutMs, exited).catch(() => worker.terminate())
    },
  }
}

const askPending = async (workerData: SqliteWorkerData, limitMs: number): Promise<string> => {
  const worker = openThread(WORKER, workerData)
  const asked = once(worker, 'message') as Promise<[{ pending: string } | Refusal]>
  const [answer] = await inTime(limitMs, asked, () => void worker.terminate())
  if ('pending' in answer) return answer.pending
  throw new StoreError(answer.message, answer)
}

const WORKER = new URL('./sqlite-worker.js', import.meta.url)

interface Refusal {
  message: string
  isPassing: boolean
}

type Message = Answer | Refusal | 'ready' | 'news'

const startThread = (
  workerData: SqliteWorkerData,
  tell: () => void,
  limitWaiting: number,
): Thread => {
  const worker = openThread(WORKER, workerData)
  const calls = createCalls((call) => worker.postMessage(call), limitWaiting)
  const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()))
  const ready = new Promise<void>((resolve, reject) => {
    worker.on('message', (message: Message) => {
      if (message === 'ready') resolve()
      else if (message === 'news') tell()
      else if ('id' in message) calls.take(message)
      else reject(new StoreError(message.message, message))
    })
    worker.on('error', () => {}) // it exits then
    void exited.then(() => {
      reject(new StoreError('the SQLite file cannot be reached', { isPassing: true }))
      calls.giveUp()
    })
  })
  return { worker, ready, exited, calls }
}
