#!/usr/bin/env node
import cluster from 'node:cluster'
import { readVersion } from '../lib/version.js'
import { COMMANDS } from './commands.js'
import { helpText, parseCommandLine, type CommandLine } from './command-line.js'
import { demoStopgaps, startDemo } from './demo.js'
import { EXIT_FAILED, failureOf } from './explain-failure.js'
import { WORKER_MARK } from './forks.js'
import { readStartSettings, workersOf } from './start-settings.js'

const ANY_PORT = 1 // nothing is started to have one
const EXIT_SIGNAL = 128 // and the number of the signal

const main = async (): Promise<void> => {
  const [name = '', ...rest] = process.argv.slice(2)
  const command = COMMANDS.get(name)
  if (command) {
    watchOutput()
    const status = await command(rest, process)
    if (status > EXIT_SIGNAL) process.exit(status) // what it waited for may never come
    process.exitCode = status
    return
  }
  const commandLine = parseCommandLine(process.argv.slice(2))
  if (cluster.isWorker && process.env[WORKER_MARK])
    return (await import('./serve-as-worker.js')).serveAsWorker(commandLine)
  if (commandLine.help) return void process.stdout.write(helpText())
  if (commandLine.version) return void process.stdout.write(`${readVersion()}\n`)
  if (commandLine.check) return check(commandLine)
  // Not on standard output, which is the log's.
  const demo = commandLine.demo ? await startDemo((text) => process.stderr.write(text)) : undefined
  const start = readStartSettings(commandLine, process.env, demo?.stopgaps ?? new Map())
  // What is not needed is not loaded: a process starts faster by as much.
  if (workersOf(start.settings) > 1)
    await (await import('./serve-with-workers.js')).serveWithWorkers(start, demo)
  else await (await import('./serve.js')).serve(commandLine, start, demo)
}

/** Ends where nobody reads the output any more, and tells in the end what else became of it. */
const watchOutput = (): void => {
  let unwritable: string | undefined
  process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => {
    if (code === 'EPIPE') process.exit(EXIT_FAILED)
    unwritable = code
  })
  process.once('exit', (status) => {
    if (unwritable === undefined || status !== 0) return // the command has told
    process.stderr.write(`passport-gateway: standard output cannot be written (${unwritable})\n`)
    process.exitCode = EXIT_FAILED
  })
}

const check = (commandLine: CommandLine): void => {
  const stopgaps = commandLine.demo ? demoStopgaps(ANY_PORT) : new Map<string, string>()
  readStartSettings(commandLine, process.env, stopgaps)
  process.stdout.write('the configuration is valid\n')
}

try {
  await main()
} catch (error) {
  const { lines, status } = failureOf(error)
  for (const line of lines) process.stderr.write(`passport-gateway: ${line}\n`)
  process.exit(status)
}
