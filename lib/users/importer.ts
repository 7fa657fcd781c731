import { unixSeconds, type Clock } from '../clock.js'
import { GatewayError } from '../errors.js'
import { isAsRowSays, parseImportedUser, type RowProblem } from './imported-user.js'
import type { User, UserStore } from './user-store.js'

/** A row to import: its line and its fields, or why it has none. */
export type ImportRow =
  { line: number; fields: ReadonlyMap<string, unknown> } | { line: number; problem: string }

interface ImportReport {
  imported: number
  /** How many were there already, exactly as their rows say. */
  unchanged: number
  /** What is wrong with the other rows, as far as there is room for it. */
  failed: Array<RowProblem & { line: number }>
  /** How many rows beyond those in `failed` were not imported. */
  unreported: number
}

/**
 * Adds users, some rows at once. Nobody who is there is changed; a faulty row stops none of the others,
 * and of two rows that cannot both be imported the earlier one is. Rejects when the store fails.
 */
export type Importer = (rows: AsyncIterable<ImportRow>) => Promise<ImportReport>

export interface ImporterOptions {
  users: UserStore
  /** Sees to it that there is room to revoke the tokens of the user. */
  reserve: (userId: string) => Promise<void>
  /** Revokes every token of the user that was issued until now. */
  revokeUser: (userId: string) => Promise<void>
  clock: Clock
  /** The subscription of who is imported without any. */
  plan: string
}

export const createImporter = (options: ImporterOptions): Importer => {
  const { users, reserve, revokeUser, clock, plan } = options

  const add = async (fields: Fields, user: User): Promise<Outcome> => {
    // Another who mints may have given him tokens already.
    const mayHaveTokens = user.isDisabled && fields.has('user_id')
    const isNew = await ifRoom(async () => {
      if (mayHaveTokens) await reserve(user.id)
      return users.insert(user)
    })
    if (isNew === undefined) return [{ detail: 'there is no room for another user' }]
    if (!isNew && !(await isThere(users, fields, user))) return [await findTaken(users, user)]
    // Also of one who was there: an import that broke off may have added him and got no further.
    if (mayHaveTokens) await revokeUser(user.id)
    return isNew ? 'imported' : 'unchanged'
  }

  return async (rows) => {
    const report: ImportReport = { imported: 0, unchanged: 0, failed: [], unreported: 0 }
    const turns = createTurns()
    const underWay: UnderWay[] = []
    const start = (row: ImportRow): Promise<Outcome> => {
      if ('problem' in row) return Promise.resolve([{ detail: row.problem }])
      const defaults = { subscription: plan, createdAtSeconds: unixSeconds(clock) }
      const parsed = parseImportedUser(row.fields, defaults)
      if (!parsed.ok) return Promise.resolve(parsed.problems)
      const { user } = parsed
      return turns([`id ${user.id}`, `email ${user.email}`], () => add(row.fields, user))
    }
    const finishFirst = async (): Promise<void> => {
      const { line, outcome } = underWay.shift() as UnderWay // it is asked for when there is one
      const result = await outcome
      if (typeof result === 'string') report[result]++
      else if (report.failed.length + result.length > LIMIT_FAILED) report.unreported++
      else report.failed.push(...result.map((problem) => ({ line, ...problem })))
    }
    try {
      for await (const row of rows) {
        const outcome = start(row)
        outcome.catch(() => {}) // it is told when its turn comes
        underWay.push({ line: row.line, outcome })
        if (underWay.length >= MOST_AT_ONCE) await finishFirst()
      }
      while (underWay.length > 0) await finishFirst()
    } finally {
      await Promise.allSettled(underWay.map(({ outcome }) => outcome))
    }
    return report
  }
}

type Fields = ReadonlyMap<string, unknown>

/** What became of a row, or what is wrong with it. */
type Outcome = 'imported' | 'unchanged' | readonly RowProblem[]

interface UnderWay {
  line: number
  outcome: Promise<Outcome>
}

const MOST_AT_ONCE = 64
const LIMIT_FAILED = 1_000

/** Does works at once, but those that share a key one after another, in the order in which they came. */
const createTurns = (): (<T>(keys: readonly string[], work: () => Promise<T>) => Promise<T>) => {
  const last = new Map<string, Promise<unknown>>()
  return (keys, work) => {
    const before = keys.flatMap((key) => last.get(key) ?? [])
    // Where one failed, none behind it may take its place.
    const done = before.length > 0 ? Promise.all(before).then(work) : work()
    for (const key of keys) last.set(key, done)
    const forget = (): void => {
      for (const key of keys) if (last.get(key) === done) last.delete(key)
    }
    done.then(forget, forget)
    return done
  }
}

/** What `add` gives; `undefined` when there is no room. */
const ifRoom = async (add: () => Promise<boolean>): Promise<boolean | undefined> => {
  try {
    return await add()
  } catch (error) {
    if (error instanceof GatewayError && error.code === 'overloaded') return undefined
    throw error
  }
}

/** Whether the user is there as his row says; without an id he is looked for by his e-mail. */
const isThere = async (users: UserStore, fields: Fields, user: User): Promise<boolean> => {
  const there = await (fields.has('user_id')
    ? users.findById(user.id)
    : users.findByEmail(user.email))
  return there !== undefined && isAsRowSays(fields, user, there)
}

const findTaken = async (users: UserStore, { email }: User): Promise<RowProblem> =>
  (await users.findByEmail(email))
    ? { field: 'email', detail: 'is taken' }
    : { field: 'user_id', detail: 'is taken' }
