import type { LogEvent } from '../log.js'
import { reloadOf } from '../log-events.js'
import type { Check } from './health.js'
import type { TargetView } from './sample.js'

/** What operators want to know beside whether requests can be served. */
export interface OperatorChecks {
  /** `targets`, ready where requests go to each; `files`, ready where each that changed was taken. */
  readonly checks: readonly Check[]
  /** Learns from what the log is told. */
  readonly take: (event: LogEvent) => void
}

export const createOperatorChecks = (targets: () => readonly TargetView[]): OperatorChecks => {
  const unusable = new Map<string, string>() // by the kind of file: tls, secrets, breached_passwords
  const absent = (): TargetView[] => targets().filter(({ state }) => state !== 'up')
  return {
    checks: [
      {
        name: 'targets',
        isReady: () => absent().length === 0,
        isVital: false,
        reason: () =>
          absent()
            .map(({ route, target, state }) => `${target} of ${route} is ${state}`)
            .join(', '),
      },
      {
        name: 'files',
        isReady: () => unusable.size === 0,
        isVital: false,
        reason: () => [...unusable.values()].join(', '),
      },
    ],
    take: (event) => {
      if (event.event === 'request') return // nearly all are, and it says nothing of files
      const reload = reloadOf(event)
      if (reload?.isTaken) unusable.delete(reload.kind)
      else if (reload && 'cause' in event)
        unusable.set(
          reload.kind,
          `${'option' in event ? event.option : reload.kind}: ${event.cause}`,
        )
    },
  }
}
