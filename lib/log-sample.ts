import type { LogEvent } from './log-events.js'

/** Whether an event is of a request that went well: its answer arrived whole and is no error. */
export const isSuccess = (event: LogEvent): boolean =>
  event.event === 'request' &&
  event.reason === undefined &&
  !event.aborted &&
  event.status >= 100 &&
  event.status < 400

/**
 * Passes on every event but those of requests that went well: of them a share, each with that share as
 * `sampled`, so that they can be counted.
 */
export const sampleSuccesses = (
  log: (event: LogEvent) => void,
  share: number,
  random: () => number = Math.random,
): ((event: LogEvent) => void) =>
  share === 1
    ? log
    : (event) => {
        if (event.event !== 'request' || !isSuccess(event)) log(event)
        else if (random() < share) log({ ...event, sampled: share })
      }
