import type { Clock } from '../clock.js'
import type { Log } from '../log.js'
import { createBackOff, type BackOff } from './back-off.js'
import type { Ports } from './messages.js'
import { WorkerFailed, type Worker } from './worker.js'

/** So many workers, each of which is replaced when it ends. */
export interface Pool {
  /** All that there are, those too that are on their way up or down. */
  readonly workers: ReadonlySet<Worker>
  /** How many ended without having been asked to. */
  readonly lostCount: number
  /** Resolves once the first is up; rejects with a `WorkerFailed` where it does not come up. */
  start(): Promise<Ports>
  /**
   * Replaces one after another by a new one, which is up before the old one goes, and then has so many.
   * Where a new one does not come up, the old ones stay. While it does so, it is done once more in the end.
   */
  replaceAll(count: number): Promise<void>
  /** Ends all, and starts none any more. */
  stop(): Promise<void>
}

export interface PoolOptions {
  count: number
  /** Forks one for a place. */
  fork: (slot: number) => Worker
  clock: Clock
  log: Log
  /** How long a worker that is replaced leaves idle connections alone, in milliseconds. */
  idleMs: number
}

interface Slot {
  readonly number: number
  readonly backOff: BackOff
  worker: Worker | undefined
  /** Resolves once nobody is starting one for it. */
  turn: Promise<unknown>
}

export const createPool = ({ count, fork, clock, log, idleMs }: PoolOptions): Pool => {
  const slots: Slot[] = []
  const workers = new Set<Worker>()
  let lostCount = 0
  let isStopping = false
  let wanted: number | undefined
  let replacing: Promise<void> | undefined

  const addSlot = (): Slot => {
    const slot: Slot = {
      number: slots.length + 1,
      backOff: createBackOff(),
      worker: undefined,
      turn: Promise.resolve(),
    }
    slots.push(slot)
    return slot
  }
  for (let i = 0; i < count; i++) addSlot()

  /** Whether nobody wants a worker there. */
  const isOver = (slot: Slot): boolean => isStopping || !slots.includes(slot)

  /** Starts a worker, which takes the place of the old one, if there is any, once it is up. */
  const put = async (slot: Slot): Promise<{ ports: Ports; old: Worker | undefined }> => {
    const worker = fork(slot.number)
    workers.add(worker)
    void worker.ended.then(() => workers.delete(worker))
    const ports = await worker.up
    if (isOver(slot)) {
      await worker.close(0)
      return { ports, old: undefined }
    }
    const old = slot.worker
    slot.worker = worker
    const upAtMs = clock.monotonic()
    log({ event: 'worker_started', worker: slot.number, processId: worker.pid })
    void worker.ended.then((how) => {
      if (slot.worker !== worker) return
      slot.worker = undefined
      if (isOver(slot)) return
      lostCount++
      log({ event: 'worker_ended', worker: slot.number, cause: how })
      void revive(slot, clock.monotonic() - upAtMs)
    })
    return { ports, old }
  }

  const inTurn = <T>(slot: Slot, work: () => Promise<T>): Promise<T> => {
    const mine = slot.turn.then(work)
    slot.turn = mine.catch(() => {})
    return mine
  }

  /** Whether it could be done. */
  const tryTo = async (slot: Slot, work: () => Promise<unknown>): Promise<boolean> => {
    try {
      await inTurn(slot, work)
      return true
    } catch (error) {
      const { cause } = (error as WorkerFailed).failure // it rejects with no other
      if (!isOver(slot)) log({ event: 'worker_start_failed', worker: slot.number, cause })
      return false
    }
  }

  const revive = async (slot: Slot, lifeMs: number): Promise<void> => {
    for (let livedMs = lifeMs, isDone = false; !isDone; livedMs = 0) {
      const inMs = slot.backOff.nextMs(livedMs)
      if (inMs > 0) {
        log({ event: 'worker_restarting', worker: slot.number, inMs })
        await clock.sleep(inMs)
      }
      // It may have one meanwhile: all were replaced.
      isDone = await tryTo(slot, async () => slot.worker || isOver(slot) || (await put(slot)))
    }
  }

  const fill = async (slot: Slot): Promise<void> => {
    if (!(await tryTo(slot, () => put(slot)))) void revive(slot, 0)
  }

  const replaceOnce = async (next: number): Promise<void> => {
    for (const slot of slots.slice(0, next)) {
      if (isStopping) return
      let old: Worker | undefined
      if (!(await tryTo(slot, async () => ({ old } = await put(slot))))) return
      await old?.close(idleMs)
    }
    for (const { worker } of slots.splice(next)) await worker?.close(idleMs)
    while (slots.length < next) await fill(addSlot())
    if (!isStopping) log({ event: 'workers_replaced', workers: next })
  }

  const replaceAsWanted = async (): Promise<void> => {
    while (wanted !== undefined && !isStopping) {
      const next = wanted
      wanted = undefined
      await replaceOnce(next)
    }
    replacing = undefined
  }

  return {
    workers,
    get lostCount() {
      return lostCount
    },
    start: async () => {
      const [first, ...others] = slots as [Slot, ...Slot[]]
      const { ports } = await inTurn(first, () => put(first))
      for (const slot of others) void fill(slot)
      return ports
    },
    replaceAll: (next) => {
      wanted = next
      return (replacing ??= replaceAsWanted())
    },
    stop: async () => {
      isStopping = true
      // One may have been on its way.
      while (workers.size > 0) await Promise.all([...workers].map((worker) => worker.close(0)))
    },
  }
}
