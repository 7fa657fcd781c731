import { open, unlink, type FileHandle } from 'node:fs/promises'
import { printableJson } from '../lib/log.js'
import { AdminFailure, type AdminClient, type Json } from './admin-client.js'
import { appendWhole } from './append-whole.js'
import type { CommandIo } from './command.js'
import type { Progress } from './progress.js'
import { writeOut } from './standard-output.js'
import { noGateway, pagesOf } from './users-pages.js'

export interface ExportOptions {
  call: AdminClient
  /** Standard output where it is empty. */
  file: string
  /** Goes on with the users behind this cursor. */
  after: string | undefined
  stdout: CommandIo['stdout']
  /** Ends it before the next page. */
  signal: AbortSignal
  progress: Progress
}

/**
 * Writes all users as lines that an import reads.
 * @throws AdminFailure when it broke off, with how it goes on
 */
export const exportUsers = async (options: ExportOptions): Promise<void> => {
  const { call, file, after, signal, progress } = options
  const target = createTarget(options)
  let cursor = after
  let rows = 0
  try {
    for await (const { users, next } of pagesOf(call, '/v1/users/export', after)) {
      await target.write(users.map(lineOf).join(''))
      cursor = next
      rows += users.length
      progress.show(rows, 0)
      if (next !== undefined) signal.throwIfAborted()
    }
  } catch (error) {
    if (!(error instanceof AdminFailure || signal.aborted)) throw error
    const why = signal.aborted ? 'interrupted' : (error as Error).message
    // What was refused at once would be refused again.
    const isFutile = cursor === after && error instanceof AdminFailure && error.isRefusal
    if (cursor === undefined || isFutile) throw new AdminFailure(why)
    const words = [...(file === '' ? [] : [file]), '--after', cursor].map(forShell)
    throw new AdminFailure(`${why}; go on with: passport-gateway users export ${words.join(' ')}`)
  } finally {
    progress.end()
    await target.close()
  }
}

/** Each part by its name, in the order in which people look for it; and without a hash it is none. */
const lineOf = (user: Json): string => {
  if (typeof user['password_hash'] !== 'string') throw noGateway()
  return `${printableJson(Object.fromEntries(FIELDS.map((field) => [field, user[field]])))}\n`
}

const FIELDS = [
  'user_id',
  'email',
  'password_hash',
  'subscription',
  'country',
  'platform',
  'disabled',
  'created_at',
]

interface Target {
  /** Writes all of it, or fails and leaves a file as it was. */
  write(lines: string): Promise<void>
  /** Leaves no file that it made and that holds nothing. */
  close(): Promise<void>
}

const createTarget = ({ file, after, stdout }: ExportOptions): Target => {
  if (file === '')
    return { write: (lines) => writeOut(stdout, lines), close: () => Promise.resolve() }
  let handle: FileHandle | undefined
  let isHollow = after === undefined // its first page makes the file
  return {
    write: async (lines) => {
      try {
        handle ??= await open(file, after === undefined ? 'wx' : 'a', ONLY_MINE)
        appendWhole(handle.fd, lines)
        isHollow = false
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException
        throw new AdminFailure(
          code === 'EEXIST'
            ? `${file}: is there already; name another file`
            : `${file}: cannot be written (${code})`,
        )
      }
    },
    close: async () => {
      if (!handle) return
      await handle.close()
      // It would stand in the way of the next try.
      if (isHollow) await unlink(file).catch(() => {})
    },
  }
}

const ONLY_MINE = 0o600

/** One word of a shell, whatever is in it. */
const forShell = (text: string): string =>
  /^[\w.:=/+@-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
