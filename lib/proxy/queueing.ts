import type { Deadline, Deadlines } from '../http/deadlines.js'
import type { Identity } from './outbound-headers.js'
import type { Slots } from './slots.js'
import type { TokenEnd } from './token-watch.js'

/** Why a request waits no more, though it has no place: too many wait, it took too long, or its token ended. */
export type QueueEnd = 'full' | 'late' | TokenEnd

export interface QueueOptions {
  identity: Pick<Identity, 'user' | 'token'>
  deadlines: Deadlines
  /** How long it may take, in milliseconds. */
  limitMs: number
  /** Called when the place is taken. */
  onTaken: () => void
  /** Called when it waits no more. */
  onEnd: (end: QueueEnd) => void
}

/**
 * Waits for a place, as long as it may take and the token is good; one of the two is called, once, and
 * `onEnd` perhaps at once. Gives what leaves the queue.
 */
export const queueFor = (slots: Slots, options: QueueOptions): (() => void) => {
  const { identity, deadlines, limitMs, onTaken, onEnd } = options
  let deadline: Deadline | undefined
  let stopWatch: (() => void) | undefined
  const stop = (): void => {
    leaveQueue?.()
    deadline?.clear()
    stopWatch?.()
  }
  const end = (why: QueueEnd): void => {
    stop()
    onEnd(why)
  }
  const leaveQueue = slots.wait({
    user: identity.user,
    onTaken: () => {
      stop()
      onTaken()
    },
    onDropped: () => end('full'),
  })
  if (!leaveQueue) {
    onEnd('full')
    return stop
  }
  deadline = deadlines.start(limitMs, () => end('late'))
  stopWatch = identity.token?.watch(end)
  return stop
}
