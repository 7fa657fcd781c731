import { createReadStream } from 'node:fs'
import { Readable } from 'node:stream'
import { AdminFailure, createAdminClient, type AdminClient, type Json } from './admin-client.js'
import { printable, printableJson } from '../lib/log.js'
import { UsageError } from './command-line.js'
import type { Command, CommandIo } from './command.js'
import { parseUsersCommandLine, USERS_HELP, type UsersCommandLine } from './users-command-line.js'

/** `passport-gateway users`: lists and changes the users of a running gateway. */
export const runUsers: Command = async (args, io) => {
  const tell = (line: string): void => void io.stderr.write(`passport-gateway: users: ${line}\n`)
  try {
    const commandLine = parseUsersCommandLine(args, io.env)
    if (!commandLine) {
      io.stdout.write(USERS_HELP)
      return DONE
    }
    await perform(commandLine, io)
    return DONE
  } catch (error) {
    if (error instanceof UsageError) {
      for (const line of error.lines) tell(line)
      io.stderr.write(`\n${USERS_HELP}`)
      return WRONG_USE
    }
    if (!(error instanceof AdminFailure)) throw error
    tell(error.message)
    return FAILED
  }
}

const DONE = 0
const FAILED = 1
const WRONG_USE = 2

const perform = async (commandLine: UsersCommandLine, io: CommandIo): Promise<void> => {
  const call = createAdminClient(commandLine)
  const print = (value: unknown): void => void io.stdout.write(`${printableJson(value)}\n`)
  const { verb, operand = '', changes } = commandLine
  if (verb === 'list') return list(call, print)
  if (verb === 'import') {
    const body = operand === '' ? io.stdin : readFile(operand)
    return importUsers(call, body, print)
  }
  const path = await pathOf(call, operand)
  if (verb === 'show') print(userOf(await call({ method: 'GET', path })))
  else if (verb === 'delete') {
    await call({ method: 'DELETE', path, expects: 204 })
    print({ deleted: operand })
  } else {
    const change = verb === 'set' ? changes : { disabled: verb === 'disable' }
    const user = userOf(await call({ method: 'PATCH', path, ...json(change) }))
    if (verb !== 'set' && user['disabled'] !== change.disabled) throw noGateway()
    print(user)
  }
}

// What answers may be anything that listens there.
const noGateway = (): AdminFailure =>
  new AdminFailure('ADMIN_URL is no admin listener of a gateway')

const userOf = (user: unknown): Json => {
  const fields = typeof user === 'object' && user !== null ? (user as Json) : {}
  if (typeof fields['user_id'] !== 'string') throw noGateway()
  return fields
}

const list = async (call: AdminClient, print: (user: unknown) => void): Promise<void> => {
  let after = ''
  do {
    const path = `/v1/users?limit=${PAGE_USERS}${after}`
    const { users, next } = usersOf(await call({ method: 'GET', path }))
    for (const user of users) print(user)
    if (typeof next === 'string' && users.length === 0) throw noGateway() // it could go on for ever
    after = typeof next === 'string' ? `&after=${encodeURIComponent(next)}` : ''
  } while (after !== '')
}

const PAGE_USERS = 1_000

const importUsers = async (
  call: AdminClient,
  body: CommandIo['stdin'],
  print: (report: unknown) => void,
): Promise<void> => {
  // Who is refused in the middle of a long body may not come to read why: that is asked first.
  await call({ method: 'GET', path: '/v1/users?limit=1' })
  const path = '/v1/users/import'
  const report = await call({ method: 'POST', path, body, contentType: 'application/x-ndjson' })
  const { imported, failed, unreported } = report
  if (!Number.isInteger(imported) || !Number.isInteger(unreported) || !Array.isArray(failed))
    throw noGateway()
  print(report)
  const rows = new Set(failed.map((row: Json | null) => row?.['line']))
  const count = rows.size + Number(unreported)
  if (count > 0) throw new AdminFailure(`${count} of the rows were not imported; see failed`)
}

/** The path of a user, who is looked up if he is named by his e-mail. */
const pathOf = async (call: AdminClient, idOrEmail: string): Promise<string> => {
  let id = idOrEmail
  if (idOrEmail.includes('@')) {
    const path = `/v1/users?email=${encodeURIComponent(idOrEmail)}`
    const [user] = usersOf(await call({ method: 'GET', path })).users
    if (!user) throw new AdminFailure(`there is no user ${printable(idOrEmail)}`)
    id = user['user_id'] as string // it is a user
  }
  return `/v1/users/${encodeURIComponent(id)}`
}

const usersOf = (page: Json): { users: Json[]; next: unknown } => {
  const { users, next } = page
  if (!Array.isArray(users)) throw noGateway()
  return { users: users.map(userOf), next }
}

const json = (value: unknown): { contentType: string; body: AsyncIterable<string> } => ({
  contentType: 'application/json',
  body: Readable.from([JSON.stringify(value)]),
})

async function* readFile(path: string): AsyncGenerator<Uint8Array> {
  try {
    yield* createReadStream(path)
  } catch (error) {
    throw new AdminFailure(`${path}: cannot be read (${(error as NodeJS.ErrnoException).code})`)
  }
}
