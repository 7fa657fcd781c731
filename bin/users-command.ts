import { systemClock } from '../lib/clock.js'
import { printable, printableJson } from '../lib/log.js'
import { AdminFailure, createAdminClient, type AdminClient } from './admin-client.js'
import { UsageError } from './command-line.js'
import type { Command, CommandIo } from './command.js'
import { openInput } from './input-lines.js'
import { withPatience } from './patience.js'
import { createProgress } from './progress.js'
import { ReaderGone, writeOut } from './standard-output.js'
import { parseUsersCommandLine, USERS_HELP, type UsersCommandLine } from './users-command-line.js'
import { exportUsers } from './users-export.js'
import { importUsers } from './users-import.js'
import { noGateway, pageOf, pagesOf, userOf } from './users-pages.js'

/** `passport-gateway users`: lists and changes the users of a running gateway. */
export const runUsers: Command = async (args, io) => {
  const tell = (line: string): void => void io.stderr.write(`passport-gateway: users: ${line}\n`)
  const stop = new AbortController()
  try {
    const commandLine = parseUsersCommandLine(args, io.env)
    if (!commandLine) {
      await writeOut(io.stdout, USERS_HELP)
      return DONE
    }
    await perform(commandLine, io, tell, stop)
    return DONE
  } catch (error) {
    if (error instanceof UsageError) {
      for (const line of error.lines) tell(line)
      io.stderr.write(`\n${USERS_HELP}`)
      return WRONG_USE
    }
    if (error instanceof ReaderGone) return FAILED
    if (!(error instanceof AdminFailure)) throw error
    tell(error.message)
    return stop.signal.aborted ? INTERRUPTED : FAILED
  }
}

const DONE = 0
const FAILED = 1
const WRONG_USE = 2
const INTERRUPTED = 130 // 128 + SIGINT

const perform = async (
  commandLine: UsersCommandLine,
  io: CommandIo,
  tell: Tell,
  stop: AbortController,
): Promise<void> => {
  const call = createAdminClient(commandLine)
  const print: Print = (value) => writeOut(io.stdout, `${printableJson(value)}\n`)
  const { verb, operand = '', changes } = commandLine
  if (verb === 'list') {
    for await (const { users } of pagesOf(call, '/v1/users'))
      await writeOut(io.stdout, users.map((user) => `${printableJson(user)}\n`).join(''))
    return
  }
  if (verb === 'export') return runExport(call, commandLine, io, tell, stop)
  if (verb === 'import') return runImport(call, commandLine, io, tell, print, stop)
  const path = await pathOf(call, operand)
  if (verb === 'show') await print(userOf(await call({ method: 'GET', path })))
  else if (verb === 'delete') {
    await call({ method: 'DELETE', path, expects: 204 })
    await print({ deleted: operand })
  } else {
    const change = verb === 'set' ? changes : { disabled: verb === 'disable' }
    const json = { contentType: 'application/json', body: JSON.stringify(change) }
    const user = userOf(await call({ method: 'PATCH', path, ...json }))
    if (verb !== 'set' && user['disabled'] !== change.disabled) throw noGateway()
    await print(user)
  }
}

type Tell = (line: string) => void
type Print = (value: unknown) => Promise<void>

const runExport = async (
  call: AdminClient,
  { operand: file = '', after }: UsersCommandLine,
  io: CommandIo,
  tell: Tell,
  stop: AbortController,
): Promise<void> => {
  const { stdout, stderr, clock = systemClock } = io
  const progress = createProgress({ stderr, clock })
  const { signal } = stop
  const patient = withPatience(call, { clock, signal, tell: between(progress, tell) })
  await interruptible(io, stop, () =>
    exportUsers({ call: patient, file, after, stdout, signal, progress }),
  )
}

const runImport = async (
  call: AdminClient,
  { operand: file = '', from }: UsersCommandLine,
  io: CommandIo,
  tell: Tell,
  print: Print,
  stop: AbortController,
): Promise<void> => {
  const { stdin, stderr, clock = systemClock } = io
  const input = await openInput(file, stdin)
  // Whoever is no operator, or has no gateway there, is told before anything is read.
  await call({ method: 'GET', path: '/v1/users?limit=1' })
  const progress = createProgress({ stderr, clock, totalBytes: input.totalBytes })
  const { signal } = stop
  const patient = withPatience(call, { clock, signal, tell: between(progress, tell) })
  const nowMs = clock.now()
  await interruptible(io, stop, () =>
    importUsers({ call: patient, input, from, nowMs, progress, print, tell, signal }),
  )
}

/** Does what ends in good order at an interrupt; a second one ends the process at once. */
const interruptible = async (
  io: CommandIo,
  stop: AbortController,
  work: () => Promise<void>,
): Promise<void> => {
  const interrupt = (): void => stop.abort()
  io.once?.('SIGINT', interrupt)
  try {
    await work()
  } finally {
    io.off?.('SIGINT', interrupt)
  }
}

/** Tells a line where the progress stands, which comes back below it. */
const between =
  (progress: { clear: () => void }, tell: Tell): Tell =>
  (line) => {
    progress.clear()
    tell(line)
  }

/** The path of a user, who is looked up if he is named by his e-mail. */
const pathOf = async (call: AdminClient, idOrEmail: string): Promise<string> => {
  let id = idOrEmail
  if (idOrEmail.includes('@')) {
    const path = `/v1/users?email=${encodeURIComponent(idOrEmail)}`
    const [user] = pageOf(await call({ method: 'GET', path })).users
    if (!user) throw new AdminFailure(`there is no user ${printable(idOrEmail)}`)
    id = user['user_id'] as string // it is a user
  }
  return `/v1/users/${encodeURIComponent(id)}`
}
