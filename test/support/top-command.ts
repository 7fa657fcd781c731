import { EventEmitter } from 'node:events'
import type { CommandIo, EndingSignal } from '../../bin/command.js'
import { runTop } from '../../bin/top-command.js'
import { createManualClock, type ManualClock } from './manual-clock.js'

export interface TopRun {
  stdout: string
  stderr: string
  readonly clock: ManualClock
  /** As a process gets it. */
  signal: (name: EndingSignal) => void
  /** As on a keyboard. */
  hit: (keys: string) => void
  /** Whether keys are told as they are hit; how many listen to them, and to signals. */
  readonly isRaw: boolean
  readonly listeners: number
  readonly ended: Promise<number>
}

export interface Terminal {
  columns?: number
  rows?: number
  /** Whether there is a keyboard too. Default true. */
  hasKeys?: boolean
}

/** Runs `passport-gateway top` in this process, on a terminal if one is given. */
export const top = (
  args: string[],
  env: Record<string, string> = {},
  terminal?: Terminal,
): TopRun => {
  const signals = new EventEmitter()
  const keyboard = new EventEmitter()
  const clock = createManualClock()
  let isRaw = false
  const { hasKeys = true, ...size } = terminal ?? {}
  const io: CommandIo = {
    env,
    stdin: Object.assign((async function* () {})(), {
      isTTY: hasKeys,
      setRawMode: (raw: boolean) => (isRaw = raw),
      on: keyboard.on.bind(keyboard),
      off: keyboard.off.bind(keyboard),
      pause: () => {},
    }),
    stdout: {
      write: (text, taken = () => {}) => {
        run.stdout += text
        taken()
      },
      isTTY: terminal !== undefined,
      ...size,
    },
    stderr: { write: (text) => (run.stderr += text) },
    once: signals.once.bind(signals),
    off: signals.off.bind(signals),
    clock,
  }
  const run: TopRun = {
    stdout: '',
    stderr: '',
    clock,
    signal: (name) => void signals.emit(name),
    hit: (keys) => void keyboard.emit('data', Buffer.from(keys)),
    get isRaw() {
      return isRaw
    },
    get listeners() {
      const names: EndingSignal[] = ['SIGHUP', 'SIGINT', 'SIGTERM']
      return (
        names.reduce((sum, name) => sum + signals.listenerCount(name), 0) +
        keyboard.listenerCount('data')
      )
    },
    ended: Promise.resolve().then(() => runTop(args, io)),
  }
  return run
}
