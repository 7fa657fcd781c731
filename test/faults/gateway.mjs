// The gateway as it is built, in a process of its own, and what the system tells of that.
import { once } from 'node:events'
import { closeSync, openSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

export const SECRET = 'the secret of the fault runs, 32 bytes or more'

const { FAULTS_DIST = fileURLToPath(new URL('../../dist', import.meta.url)) } = process.env
const BIN = join(FAULTS_DIST, 'bin/passport-gateway.js')
/** Ends it when the runner dies without a word, and does nothing else. Threads have no channel. */
const LEASH =
  'data:text/javascript,process.once("disconnect",()=>process.exit());process.channel?.unref()'
const MICROSECONDS_A_TICK = 10_000

/** Starts it in front of the targets with these URLs; `execArgv` is for node. */
export const startGateway = async (processes, settings) => {
  const { name, targets, flags, env = {}, execArgv = [] } = settings
  const logFile = processes.fileOf(`${name}.log`)
  const output = openSync(logFile, 'a')
  const args = ['--host', '127.0.0.1', '--port', '0', '--upstream', targets.join(','), ...flags]
  const child = processes.fork(BIN, args, {
    env: { JWT_SECRET: SECRET, ...env },
    output,
    execArgv: ['--import', LEASH, ...execArgv],
  })
  closeSync(output)

  /** The events of its log so far, but for the lines of requests. */
  const events = () =>
    readFileSync(logFile, 'utf8')
      .split('\n')
      .filter((line) => line !== '' && !line.includes('"event":"request"'))
      .map((line) => JSON.parse(line))

  const port = await listening(child, events)
  return {
    port,
    child,
    events,
    /** Sends a message, and gives the one that comes back: for what `execArgv` has put there. */
    ask: async (what) => {
      child.send(what)
      return (await once(child, 'message'))[0]
    },
    usage: () => usageOf(child.pid),
    /** Tells it to stop; gives how it ended, which is 0 if all is well. */
    stop: async () => {
      if (child.exitCode !== null || child.signalCode) return child.exitCode ?? child.signalCode
      child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), 5_000)
      const [exitCode, signal] = await once(child, 'exit')
      clearTimeout(timer)
      return exitCode ?? signal
    },
  }
}

const listening = async (child, events) => {
  for (let tries = 0; tries < 500 && child.exitCode === null; tries++) {
    const { port } = events().find(({ event }) => event === 'listening') ?? {}
    if (port) return port
    await sleep(20)
  }
  throw new Error('the gateway did not start: npm run build')
}

/** CPU time so far, open descriptors, and memory; nothing where there is no /proc. */
export const usageOf = (pid) => {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ')
    return {
      atMs: performance.now(),
      cpuMicroseconds: (Number(fields[11]) + Number(fields[12])) * MICROSECONDS_A_TICK,
      descriptors: readdirSync(`/proc/${pid}/fd`).length,
      megabytes: Math.round((Number(fields[21]) * 4_096) / 1e6),
    }
  } catch {
    return { atMs: performance.now(), cpuMicroseconds: 0, descriptors: 0, megabytes: 0 }
  }
}

/** Share of one core between two usages, in percent. */
export const cpuPercent = (before, after) =>
  Math.round((after.cpuMicroseconds - before.cpuMicroseconds) / (after.atMs - before.atMs) / 10)
