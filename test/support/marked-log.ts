import { createLog, type Log, type LogEvent } from '../../lib/index.js'

/** It is part of every secret, and of all that is sent, where none of it may be logged. */
export const MARK = 'qzmarkqz'

export interface MarkedLog {
  log: Log
  events: LogEvent[]
  /** From now on no line may hold this either. */
  hide: (text: string) => void
  /** The lines that hold what they must not. */
  leaks: () => string[]
}

/** A log of the least level, in both forms. */
export const startLogs = (): MarkedLog => {
  const lines: string[] = []
  const events: LogEvent[] = []
  const write = (line: string): void => void lines.push(line)
  const forms = [false, true].map((readable) => createLog({ level: 'debug', write, readable }))
  const log: Log = (event) => {
    events.push(event)
    for (const form of forms) form(event)
  }
  const hidden = [MARK, Buffer.from(MARK).toString('hex')]
  return {
    log,
    events,
    hide: (text: string) => void hidden.push(text),
    leaks: () =>
      lines.filter((line) =>
        hidden.some((text) => line.toLowerCase().includes(text.toLowerCase())),
      ),
  }
}
