import type { Test } from 'tap'
import type { CommandIo } from '../../bin/command.js'
import { runUsers } from '../../bin/users-command.js'
import { startGateway } from './gateways.js'
import { ADMIN_TOKEN, HASH, operatorOf, WITH_ADMIN, type Operator } from './operator.js'

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
  /** Whether a write takes all that it is given. */
  takes?: () => boolean
  drained?: (event: 'drain', act: () => void) => unknown
}

/** Runs `passport-gateway users` in this process; `outcome` is filled while it runs. */
export const users = async (
  args: string[],
  env: Record<string, string> = {},
  input: Array<string | Uint8Array> = [],
  { isTTY = false, takes = () => true, drained, ...rest }: Surroundings = {},
  outcome: Outcome = { status: -1, stdout: '', stderr: '' },
): Promise<Outcome> => {
  const stdin = (async function* () {
    yield* input
  })()
  outcome.status = await runUsers(args, {
    env,
    stdin,
    stdout: {
      write: (text) => {
        outcome.stdout += text
        return takes()
      },
      ...(drained && { once: drained }),
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
