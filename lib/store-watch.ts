import type { Clock } from './clock.js'
import type { Log } from './log.js'
import { StoreError, type Engine } from './stores/engine.js'

/** Opens an engine, and knows whether it answers. */
export interface StoreWatch {
  /** Resolves once it is open; rejects with `StoreError` when it cannot be. */
  readonly opened: Promise<void>
  isUp(): boolean
  stop(): void
}

interface StoreWatchOptions {
  engine: Engine
  /** `users`, `ephemeral` or `all`. */
  keeps: string
  clock: Clock
  log: Log
  /** Called once it is open. */
  onOpened: () => Promise<void>
}

/**
 * Opens the engine, as long as it cannot be reached again every half second, and asks it each second
 * from then on whether it answers.
 */
export const watchStore = (options: StoreWatchOptions): StoreWatch => {
  const { engine, keeps, clock, log, onOpened } = options
  const about = { store: engine.name, keeps }
  let isUp = false
  let isStopped = false

  /** Whether it is open, or nobody wants it any more. */
  const tryToOpen = async (isFirst: boolean): Promise<boolean> => {
    try {
      await engine.open()
      if (isStopped) await engine.close()
      else {
        await onOpened()
        isUp = true
        log({ event: 'store_opened', ...about })
      }
      return true
    } catch (error) {
      const { message, isPassing } = asStoreError(error)
      if (isFirst || !isPassing) log({ event: 'store_open_failed', ...about, cause: message })
      if (isStopped || !isPassing) throw error
      return false
    }
  }

  const open = async (): Promise<void> => {
    let isFirst = true
    while (!(await tryToOpen(isFirst))) {
      isFirst = false
      await clock.sleep(RETRY_MS)
      if (isStopped) throw new StoreError('it was closed before it could be opened', FINAL)
    }
  }

  const keepAsking = async (): Promise<void> => {
    while (!isStopped) {
      await clock.sleep(PING_MS)
      const answers = await engine.ping().then(
        () => true,
        () => false,
      )
      if (isStopped) return
      if (answers !== isUp) log({ event: answers ? 'store_up' : 'store_down', ...about })
      isUp = answers
    }
  }

  const opened = open()
  opened.then(keepAsking, () => {})
  return {
    opened,
    isUp: () => isUp,
    stop: () => {
      isStopped = true
    },
  }
}

const RETRY_MS = 500
const PING_MS = 1_000
const FINAL = { isPassing: false }

// Whatever else is thrown came while the revocations were read.
const asStoreError = (error: unknown): StoreError =>
  error instanceof StoreError
    ? error
    : new StoreError('it does not answer in time', { isPassing: true })

/** Waits until stores are open; rejects with a `StoreError` where they are not after ten seconds. */
export const openInTime = async (opened: Promise<unknown>, clock: Clock): Promise<void> => {
  const late = clock.sleep(OPEN_MS).then(() => {
    throw new StoreError('the store cannot be reached', { isPassing: true })
  })
  const alive = setInterval(() => {}, OPEN_MS) // neither the clock nor every driver keeps the process alive
  await Promise.race([opened, late]).finally(() => clearInterval(alive))
}

const OPEN_MS = 10_000
