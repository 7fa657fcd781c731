#!/usr/bin/env node
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Settings } from '../lib/config.js'
import { createGateway } from '../lib/gateway.js'
import { readVersion } from '../lib/version.js'
import { COMMANDS } from './commands.js'
import { helpText, parseCommandLine, UsageError, type CommandLine } from './command-line.js'
import { demoText, originFor } from './demo-text.js'
import { createEchoService } from './echo-service.js'
import { explainFailure } from './explain-failure.js'
import { createReloadedLevel } from './log-level.js'
import { startLog } from './start-log.js'
import { resolveSettings } from './settings.js'

const EXIT_FAILED = 1
const ANY_PORT = 1 // nothing is started to have one
const EXIT_USAGE = 2
const EXIT_SIGNAL = 128 // and the number of the signal
const EXIT_INTERRUPTED = EXIT_SIGNAL + 2 // SIGINT

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
  if (commandLine.help) return void process.stdout.write(helpText())
  if (commandLine.version) return void process.stdout.write(`${readVersion()}\n`)
  if (commandLine.check) return check(commandLine)
  await serve(commandLine)
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
  resolveSettings({ commandLine, env: process.env, stopgaps })
  process.stdout.write('the configuration is valid\n')
}

const serve = async (commandLine: CommandLine): Promise<void> => {
  const echo = commandLine.demo ? await startEcho() : undefined
  const stopgaps = echo ? demoStopgaps(portOf(echo)) : new Map<string, string>()
  const sources = new Map([...stopgaps.keys()].map((name) => [name, 'the demonstration']))
  const readSettings = (note?: (option: string, source: string) => void): Settings =>
    resolveSettings({ commandLine, env: process.env, stopgaps, ...(note && { note }) })
  const settings = readSettings((option, source) => sources.set(option, source))
  const { host, port, logLevel, ...options } = settings
  const level = createReloadedLevel(logLevel, () => readSettings().logLevel)
  const log = startLog(process, level.current)
  // Any port, as two demonstrations may run at once.
  if (commandLine.demo) options.admin.port ??= 0
  const gateway = createGateway(options, { log, sourceOf: (option) => sources.get(option) })
  const address = await gateway.listen(port, host)
  const urls = (settings.upstream ?? []).map(({ url }) => url)
  const isEchoUsed = stopgaps.get('upstream') === urls[0]
  if (!isEchoUsed) echo?.close()
  const secret = stopgaps.get('jwtSecret')
  const isSecretUsed = Buffer.from(settings.jwtSecret ?? []).toString() === secret
  if (commandLine.demo)
    // Not on standard output, which is the log's.
    process.stderr.write(
      demoText({
        origin: originFor(settings.tls.certFile ? 'https' : 'http', host, address.port),
        statusPage: statusPageOf(options.admin.host, address.admin as { port: number }), // a demonstration has one
        upstream: isEchoUsed ? undefined : urls.join(', '),
        secret: isSecretUsed ? secret : undefined,
      }),
    )
  const stop = async (): Promise<void> => {
    await gateway.close()
    process.exit()
  }
  process.on('SIGTERM', () => void stop())
  process.on('SIGHUP', () => {
    if (commandLine.config !== undefined) level.reload(log)
    gateway.reload()
  })
  process.once('SIGINT', () => {
    process.once('SIGINT', () => process.exit(EXIT_INTERRUPTED)) // whoever asks twice will not wait
    void stop()
  })
}

const startEcho = async (): Promise<Server> => {
  const echo = createEchoService().listen(0, '127.0.0.1')
  await once(echo, 'listening')
  return echo
}

const statusPageOf = (host: string, { port }: { port: number }): string =>
  `${originFor('http', host, port)}/`

const portOf = (server: Server): number => (server.address() as AddressInfo).port // it listens

const demoStopgaps = (echoPort: number): Map<string, string> =>
  new Map([
    ['upstream', `http://127.0.0.1:${echoPort}`],
    ['jwtSecret', randomBytes(32).toString('base64url')],
  ])

try {
  await main()
} catch (error) {
  const isUsage = error instanceof UsageError
  const lines = isUsage ? error.lines : [explainFailure(error as Error)]
  for (const line of lines) process.stderr.write(`passport-gateway: ${line}\n`)
  process.exit(isUsage ? EXIT_USAGE : EXIT_FAILED)
}
