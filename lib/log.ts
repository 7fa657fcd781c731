import { systemClock, type Clock } from './clock.js'
import { jsonLine, printableJson } from './log-line.js'
import { isSuccess } from './log-sample.js'
import { EVENTS, type LogEvent } from './log-events.js'
import { RANKS, type LogLevel } from './log-levels.js'

export { printableJson } from './log-line.js'
export { type LogEvent } from './log-events.js'
export { LOG_LEVELS, RANKS, type LogLevel } from './log-levels.js'

/** Receives each event; must not throw. */
export type Log = (event: LogEvent) => void

export interface LogOptions {
  /** The least that is logged, or what tells it at each event. Default `info`. */
  level?: LogLevel | (() => LogLevel)
  /** Default: the clock of this machine. */
  clock?: Pick<Clock, 'now'>
  /**
   * Receives each line, its line feed included; whether it is of a request that went well: what is short
   * of room can spare those first; and its level: an error may be the last that the process says.
   */
  write: (line: string, isSuccess: boolean, level: Exclude<LogLevel, 'silent'>) => void
  /** Lines for a person in place of JSON. Default false. */
  readable?: boolean
  /** Whether those have the colours of a terminal. Default false. */
  colors?: boolean
}

/**
 * A log that writes one line an event: JSON, or words and `key=value` for a terminal. In neither a value
 * can forge a line or steer a terminal.
 */
export const createLog = ({
  level = 'info',
  clock = systemClock,
  write,
  readable = false,
  colors = false,
}: LogOptions): Log => {
  const least = typeof level === 'function' ? level : () => level
  const timeOf = createTimes()
  const paint = colors ? inColor : plainly
  return (event) => {
    const own = EVENTS[event.event].level
    if (RANKS[own] < RANKS[least()]) return
    const time = timeOf(clock.now())
    write(
      readable ? lineForPerson(time, own, event, paint) : `${jsonLine(time, own, event)}\n`,
      isSuccess(event),
      own,
    )
  }
}

/** What may be said of an unknown error: its name and where it was thrown, never its message. */
export const describeError = (error: unknown): { error: string; at: string } => {
  if (!(error instanceof Error)) return { error: typeof error, at: '' }
  const { name, message, stack = '' } = error
  // A message can have lines that look like frames: only what stands behind it is searched.
  const end = stack.indexOf(message)
  const frame = end < 0 ? null : /^ {4}at .*$/m.exec(stack.slice(end + message.length))
  return { error: name, at: frame ? frame[0].trim() : '' }
}

/** Times of RFC 3339 in UTC. All of a second differ in their milliseconds alone. */
const createTimes = (): ((ms: number) => string) => {
  let second = NaN
  let begin = ''
  let told = NaN
  let time = ''
  return (ms) => {
    if (ms === told) return time // many come in the same millisecond
    told = ms
    const its = Math.floor(ms / 1_000)
    if (its !== second) {
      second = its
      begin = new Date(its * 1_000).toISOString().slice(0, -4)
    }
    return (time = `${begin}${String(Math.floor(ms - its * 1_000)).padStart(3, '0')}Z`)
  }
}

type Paint = (text: string, color: Color | undefined) => string
type Color = keyof typeof SGR

// ECMA-48 Section 8.3.117.
const SGR = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, cyan: 36 } as const
const COLOR_OF = { debug: 'dim', info: 'green', warn: 'yellow', error: 'red' } as const

const plainly: Paint = (text) => text
const inColor: Paint = (text, color) =>
  color === undefined ? text : `\x1b[${SGR[color]}m${text}\x1b[0m`

const lineForPerson = (
  time: string,
  level: keyof typeof COLOR_OF,
  event: LogEvent,
  paint: Paint,
): string => {
  const { event: name, ...rest } = event
  const words = Object.entries(rest).map(([key, value]) =>
    paint(`${key}=${printable(value)}`, key === 'status' ? colorOf(Number(value)) : undefined),
  )
  const head = `${paint(time.slice(11, 23), 'dim')} ${paint(level.padEnd(5), COLOR_OF[level])}`
  return `${head} ${paint(name, 'bold')} ${words.join(' ')}\n`
}

// 0 is no answer at all.
const colorOf = (status: number): Color =>
  status >= 500 || status === 0
    ? 'red'
    : status >= 400
      ? 'yellow'
      : status >= 300
        ? 'cyan'
        : 'green'

/** One word for a terminal, as it is where it is plain; else as JSON. */
export const printable = (value: unknown): string => {
  const text = String(value)
  return /^[\x21-\x7e]+$/.test(text) ? text : printableJson(text)
}
