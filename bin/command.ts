/** What a command uses of the process that it runs in. */
export interface CommandIo {
  env: Readonly<Record<string, string | undefined>>
  stdin: AsyncIterable<Uint8Array | string> & { isTTY?: boolean }
  stdout: { write: (text: string) => unknown }
  stderr: { write: (text: string) => unknown }
}

/**
 * Runs with the arguments behind its name; resolves to the exit status.
 * @throws UsageError for wrong use
 */
export type Command = (args: readonly string[], io: CommandIo) => Promise<number>
