import { systemClock } from '../lib/clock.js'
import { AdminFailure, createAdminClient } from './admin-client.js'
import { UsageError } from './command-line.js'
import type { Command, CommandIo, EndingSignal } from './command.js'
import { createPause } from './pause.js'
import { ReaderGone, writeOut } from './standard-output.js'
import { parseTopCommandLine, TOP_HELP, type TopCommandLine } from './top-command-line.js'
import { openScreen, type Screen } from './top-screen.js'
import { statusOf, type GatewayStatus } from './top-status.js'
import { frameOf } from './top-text.js'

/** `passport-gateway top`: how a running gateway does, second by second. */
export const runTop: Command = async (args, io) => {
  const tell = (line: string): void => void io.stderr.write(`passport-gateway: top: ${line}\n`)
  try {
    const commandLine = parseTopCommandLine(args, io.env)
    if (commandLine) return await watch(commandLine, io)
    await writeOut(io.stdout, TOP_HELP)
    return DONE
  } catch (error) {
    if (error instanceof UsageError) {
      for (const line of error.lines) tell(line)
      io.stderr.write(`\n${TOP_HELP}`)
      return WRONG_USE
    }
    if (error instanceof ReaderGone) return FAILED
    if (!(error instanceof AdminFailure)) throw error
    tell(error.message)
    return FAILED
  }
}

const DONE = 0
const FAILED = 1
const WRONG_USE = 2

/** By the signal that ends it: 128 and its number. */
const STATUS_OF = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const
const SIGNALS = ['SIGHUP', 'SIGINT', 'SIGTERM'] as const satisfies readonly EndingSignal[]

const watch = async (commandLine: TopCommandLine, io: CommandIo): Promise<number> => {
  const stop = new AbortController()
  const ask = asker(commandLine, stop.signal)
  let status = DONE
  let screen: Screen | undefined
  // What ends it may be the last thing that this process is told.
  const end = (outcome: number): void => {
    screen?.leave()
    status = outcome
    stop.abort()
  }
  const acts = SIGNALS.map((signal) => [signal, () => end(STATUS_OF[signal])] as const)
  for (const [signal, act] of acts) io.once?.(signal, act)
  let forget = (): void => {}
  try {
    // Whoever has no gateway there is told on the screen that he is on.
    const first = await ask()
    screen = openScreen(io)
    if (io.stdout.isTTY) forget = onKeys(io.stdin, end)
    await showFrames(first, ask, screen, commandLine, io, stop.signal)
  } catch (error) {
    if (!stop.signal.aborted) throw error
  } finally {
    screen?.leave()
    forget()
    for (const [signal, act] of acts) io.off?.(signal, act)
  }
  return status
}

const asker = (
  commandLine: TopCommandLine,
  signal: AbortSignal,
): (() => Promise<GatewayStatus>) => {
  const call = createAdminClient({ ...commandLine, idleMs: IDLE_MS })
  return async () => statusOf(await call({ method: 'GET', path: '/v1/status?last=60', signal }))
}

const showFrames = async (
  first: GatewayStatus,
  ask: () => Promise<GatewayStatus>,
  screen: Screen,
  { adminUrl, count }: TopCommandLine,
  { clock = systemClock }: CommandIo,
  signal: AbortSignal,
): Promise<void> => {
  const pause = createPause(clock, signal)
  const where = adminUrl.href.replace(/\/$/, '')
  let status = first
  let failure: string | undefined
  let answeredMs = clock.monotonic()
  for (let shown = 1; !signal.aborted; shown++) {
    await screen.show(frameOf({ adminUrl: where, status, failure }, screen.canvas()))
    if (shown === count) return
    await pause(EVERY_MS)
    try {
      status = await ask()
      failure = undefined
      answeredMs = clock.monotonic()
    } catch (error) {
      if (!(error instanceof AdminFailure) || !error.isTransient) throw error
      const seconds = Math.round((clock.monotonic() - answeredMs) / 1_000)
      failure = `no answer for ${seconds} s (${error.code}); what is shown is from before`
    }
  }
}

/** Ends at `q` and at what is Ctrl-C on a keyboard of which nothing is shown. */
const onKeys = (stdin: CommandIo['stdin'], end: (status: number) => void): (() => void) => {
  if (!stdin.isTTY) return () => {}
  const take = (hit: Uint8Array | string): void => {
    const keys = Buffer.from(hit as string).toString('latin1')
    if (keys.includes('\u0003')) end(STATUS_OF.SIGINT)
    else if (keys.includes('q')) end(DONE)
  }
  stdin.setRawMode?.(true)
  stdin.on?.('data', take)
  return () => {
    stdin.setRawMode?.(false)
    stdin.off?.('data', take)
    stdin.pause?.()
  }
}

const EVERY_MS = 1_000
const IDLE_MS = 5_000
