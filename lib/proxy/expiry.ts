import type { Exchange } from '../http/exchange.js'

/** Calls `onExpired` when the clock of the wall says `atSeconds`; gives what stops it. */
export const startExpiry = (
  { clock, deadlines }: Exchange,
  atSeconds: number,
  onExpired: () => void,
): (() => void) => {
  const leftMs = (): number => Math.max(atSeconds * 1000 - clock.now(), 0)
  let deadline = deadlines.start(leftMs(), check)
  // Deadlines run on a clock that is never set; the one of the wall may have been meanwhile.
  function check(): void {
    if (leftMs() === 0) onExpired()
    else deadline = deadlines.start(leftMs(), check)
  }
  return () => deadline.clear()
}
