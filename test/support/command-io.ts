import type { Command } from '../../bin/command.js'
import { UsageError } from '../../bin/command-line.js'

export interface CommandResult {
  /** 2 for wrong use, whose lines are then `stderr`, as the process has it. */
  status: number
  stdout: string
  stderr: string
}

export interface CommandInput {
  env?: Record<string, string>
  stdin?: string | Uint8Array | AsyncIterable<Uint8Array | string>
  isTTY?: boolean
}

/** Calls a command in this process. */
export const call = async (
  command: Command,
  args: readonly string[],
  { env = {}, stdin = '', isTTY = false }: CommandInput = {},
): Promise<CommandResult> => {
  const result: CommandResult = { status: 0, stdout: '', stderr: '' }
  const source = typeof stdin === 'string' || stdin instanceof Uint8Array ? [stdin] : stdin
  const io = {
    env,
    stdin: Object.assign(iterate(source), { isTTY }),
    stdout: { write: (text: string) => (result.stdout += text) },
    stderr: { write: (text: string) => (result.stderr += text) },
  }
  try {
    result.status = await command(args, io)
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    result.status = 2
    result.stderr += error.lines.join('\n')
  }
  return result
}

async function* iterate(
  source: AsyncIterable<Uint8Array | string> | Iterable<Uint8Array | string>,
): AsyncGenerator<Uint8Array | string> {
  yield* source
}
