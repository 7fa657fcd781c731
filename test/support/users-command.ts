import type { Test } from 'tap'
import type { CommandIo } from '../../bin/command.js'
import { runUsers } from '../../bin/users-command.js'
import { startGateway } from './gateways.js'
import { ADMIN_TOKEN, HASH, operatorOf, WITH_ADMIN, type Operator } from './operator.js'
import { startHttpService } from './services.js'

/** A line to import. */
export const row = (id: string, more: object = {}): string =>
  `${JSON.stringify({ user_id: id, email: `${id}@example.com`, password_hash: HASH, ...more })}\n`

export interface Outcome {
  status: number
  stdout: string
  stderr: string
}

/** What a test gives to the command beside its input. */
export interface Surroundings extends Pick<CommandIo, 'clock' | 'once' | 'off'> {
  isTTY?: boolean
  /** What becomes of a write: it is taken, or that is told later. */
  take?: (taken: (error?: Error) => void) => void
  /** The descriptor of standard output. */
  fd?: number
}

/** Runs `passport-gateway users` in this process; `outcome` is filled while it runs. */
export const users = async (
  args: string[],
  env: Record<string, string> = {},
  input: Array<string | Uint8Array> = [],
  { isTTY = false, take = (taken) => taken(), fd, ...rest }: Surroundings = {},
  outcome: Outcome = { status: -1, stdout: '', stderr: '' },
): Promise<Outcome> => {
  const stdin = (async function* () {
    yield* input
  })()
  outcome.status = await runUsers(args, {
    env,
    stdin,
    stdout: {
      write: (text, taken = () => {}) => {
        outcome.stdout += text
        take(taken)
      },
      ...(fd !== undefined && { fd }),
    },
    stderr: { write: (text) => (outcome.stderr += text), isTTY },
    ...rest,
  })
  return outcome
}

/** A gateway, and the environment in which the command finds it. */
export const startManaged = async (
  t: Test,
): Promise<Operator & { env: Record<string, string> }> => {
  const operator = operatorOf(await startGateway(t, WITH_ADMIN))
  return { ...operator, env: { ADMIN_TOKEN, ADMIN_URL: operator.origin } }
}

/** A user, as an export has him. */
export const USER = { user_id: 'a', email: 'a@b.c', password_hash: HASH }

/** What answers each request with the next of these, and the last one again; a number is a status. */
export const startScript = async (t: Test, answers: Array<object | number>) => {
  const paths: string[] = []
  const { url } = await startHttpService(t, (request, response) => {
    const answer = answers[Math.min(paths.length, answers.length - 1)]
    paths.push(request.url ?? '')
    if (typeof answer === 'number') response.writeHead(answer).end('{"code":"busy","detail":"b"}')
    else response.end(JSON.stringify(answer))
  })
  return { paths, env: { ADMIN_TOKEN, ADMIN_URL: url } }
}
