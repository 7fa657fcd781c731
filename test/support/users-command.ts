import type { Test } from 'tap'
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

/** Runs `passport-gateway users` in this process. */
export const users = async (
  args: string[],
  env: Record<string, string> = {},
  input: string[] = [],
): Promise<Outcome> => {
  const outcome: Outcome = { status: -1, stdout: '', stderr: '' }
  const stdin = (async function* () {
    yield* input
  })()
  outcome.status = await runUsers(args, {
    env,
    stdin,
    stdout: { write: (text) => (outcome.stdout += text) },
    stderr: { write: (text) => (outcome.stderr += text) },
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
