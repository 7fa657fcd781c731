import { unixSeconds, type Clock } from '../clock.js'
import { GatewayError } from '../errors.js'
import { parseImportedUser, type RowProblem } from './imported-user.js'
import { normaliseEmail } from './profile.js'
import type { User, UserChanges, UserStore } from './user-store.js'

/** A row to import: its line and its fields, or why it has none. */
export type ImportRow =
  { line: number; fields: ReadonlyMap<string, unknown> } | { line: number; problem: string }

interface ImportReport {
  imported: number
  /** What is wrong with the other rows, as far as there is room for it. */
  failed: Array<RowProblem & { line: number }>
  /** How many rows beyond those in `failed` were not imported. */
  unreported: number
}

/** The users, for operators. */
export interface Directory {
  list: UserStore['list']
  findById(id: string): Promise<User | undefined>
  /** The e-mail may be spelt as in a signup. */
  findByEmail(email: string): Promise<User | undefined>
  /**
   * Changes the user, and gives him as he is then; `undefined` when there is none. Who is disabled has
   * all his tokens revoked, also when he was disabled before; who is enabled again gets none back.
   */
  change(id: string, changes: UserChanges): Promise<User | undefined>
  /** Removes the user and revokes all his tokens; whether there was one. */
  remove(id: string): Promise<boolean>
  /** Adds users row by row. Nobody who is there is changed; a faulty row stops none of the others. */
  importUsers(rows: AsyncIterable<ImportRow>): Promise<ImportReport>
}

export interface DirectoryOptions {
  users: UserStore
  /** Sees to it that there is room to revoke the tokens of the user. */
  reserve: (userId: string) => Promise<void>
  /** Revokes every token of the user that was issued until now. */
  revokeUser: (userId: string) => Promise<void>
  clock: Clock
  /** The subscription of who is imported without any. */
  plan: string
}

export const createDirectory = (options: DirectoryOptions): Directory => {
  const { users, reserve, revokeUser, clock, plan } = options

  const change = async (id: string, changes: UserChanges): Promise<User | undefined> => {
    // First the store, then the tokens: a login that has not seen the change yet gets a token of
    // before the revocation.
    const user = await users.update(id, changes)
    if (user && changes.isDisabled) await revokeUser(id)
    return user
  }

  /** What is wrong with the row; nothing when it is imported. */
  const importRow = async (row: ImportRow): Promise<readonly RowProblem[]> => {
    if ('problem' in row) return [{ detail: row.problem }]
    const parsed = parseImportedUser(row.fields, plan)
    if (!parsed.ok) return parsed.problems
    const user: User = { ...parsed.user, createdAtSeconds: unixSeconds(clock) }
    // Another who mints may have given him tokens already.
    const mayHaveTokens = user.isDisabled && row.fields.has('user_id')
    const isNew = await ifRoom(async () => {
      if (mayHaveTokens) await reserve(user.id)
      return users.insert(user)
    })
    if (isNew === undefined) return [{ detail: 'there is no room for another user' }]
    if (!isNew) return [await findTaken(users, user)]
    if (mayHaveTokens) await revokeUser(user.id)
    return []
  }

  return {
    list: (cursor, limit) => users.list(cursor, limit),
    findById: (id) => users.findById(id),
    findByEmail: async (email) => {
      const normalised = normaliseEmail(email)
      return normalised === undefined ? undefined : users.findByEmail(normalised)
    },
    change,

    remove: async (id) => {
      // Disabled first: where revoking fails he is still there, and can be removed again.
      if (!(await change(id, { isDisabled: true }))) return false
      await users.remove(id)
      // He may have been enabled in between, and have logged in.
      await revokeUser(id)
      return true
    },

    importUsers: async (rows) => {
      const report: ImportReport = { imported: 0, failed: [], unreported: 0 }
      for await (const row of rows) {
        const { line } = row
        const problems = await importRow(row)
        if (problems.length === 0) report.imported++
        else if (report.failed.length + problems.length > LIMIT_FAILED) report.unreported++
        else report.failed.push(...problems.map((problem) => ({ line, ...problem })))
      }
      return report
    },
  }
}

const LIMIT_FAILED = 1_000

/** What `add` gives; `undefined` when there is no room. */
const ifRoom = async (add: () => Promise<boolean>): Promise<boolean | undefined> => {
  try {
    return await add()
  } catch (error) {
    if (error instanceof GatewayError && error.code === 'overloaded') return undefined
    throw error
  }
}

const findTaken = async (users: UserStore, { email }: User): Promise<RowProblem> =>
  (await users.findByEmail(email))
    ? { field: 'email', detail: 'is taken' }
    : { field: 'user_id', detail: 'is taken' }
