import { spawn, type ChildProcess } from 'node:child_process'
import cluster, { type Worker } from 'node:cluster'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'
import { until } from './until.js'

const BIN = fileURLToPath(new URL('../../bin/passport-gateway.ts', import.meta.url))
// Node 26 would say on standard error that it has another way to do so.
const TYPESCRIPT = [
  '--disable-warning=DEP0205',
  `--import=${new URL('./typescript.mjs', import.meta.url).href}`,
]
const COVERAGE_ARGS = process.execArgv.filter((arg) => !/typescript|mock/.test(arg))

export interface Run {
  child: ChildProcess
  stdout: string
  stderr: string
  /** Resolves to the exit code, or to the signal that ended it. */
  ended: Promise<number | string>
}

/**
 * Starts the command, of its sources, so that their coverage counts; `stdin` is all that it can read, unless that stays open, and `stdout` a file
 * that it writes to.
 */
export const run = (
  t: Test,
  args: string[],
  env: Record<string, string> = {},
  stdin: string | undefined = '',
  stdout: number | 'pipe' = 'pipe',
): Run => {
  const child = spawn(process.execPath, [...COVERAGE_ARGS, ...TYPESCRIPT, BIN, ...args], {
    env: { PATH: process.env['PATH'], ...coverageEnv(), ...env },
    stdio: ['pipe', stdout, 'pipe'],
  })
  child.stdin?.on('error', () => {}) // it may not care to read
  if (stdin !== 'open') child.stdin?.end(stdin)
  t.teardown(() => void child.kill('SIGKILL'))
  const ended = once(child, 'exit').then(([code, signal]) => (code ?? signal) as number | string)
  const running: Run = { child, stdout: '', stderr: '', ended }
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (running.stdout += text))
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (running.stderr += text))
  return running
}

/** Starts a worker of the command, whose primary is the test. */
export const forkWorker = (t: Test, args: string[], env: Record<string, string>): Worker => {
  const execArgv = [...COVERAGE_ARGS, ...TYPESCRIPT]
  cluster.setupPrimary({ exec: BIN, args, execArgv, serialization: 'advanced' })
  const worker = cluster.fork({ ...coverageEnv(), ...env, PASSPORT_GATEWAY_WORKER: 'true' })
  t.teardown(() => void worker.process.kill('SIGKILL'))
  return worker
}

// What the test runner hands to its own children, so that their coverage counts.
const coverageEnv = (): Record<string, string> =>
  Object.fromEntries(
    Object.entries(process.env).filter(
      (entry): entry is [string, string] =>
        /^(_?TAP|NODE_V8)/.test(entry[0]) && entry[1] !== undefined,
    ),
  )

export const originOf = async (running: Run): Promise<string> => {
  const line = /"event":"listening","host":"[^"]*","port":(\d+)/
  await until('it listens', () => line.test(running.stdout))
  return `http://127.0.0.1:${line.exec(running.stdout)?.[1]}`
}
