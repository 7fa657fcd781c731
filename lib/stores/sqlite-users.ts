import type { User, UserChanges, UserStore } from '../users/user-store.js'
import { fromText, toText } from './held-text.js'
import type { SqliteHandle, SqliteRow } from './sqlite-handle.js'

const COLUMNS =
  'id, email, password_hash, subscription, country, platform, is_disabled, created_at_seconds'

const toUser = (row: SqliteRow): User => ({
  id: fromText(row['id']),
  email: fromText(row['email']),
  passwordHash: fromText(row['password_hash']),
  subscription: fromText(row['subscription']),
  country: fromText(row['country']),
  platform: fromText(row['platform']),
  isDisabled: row['is_disabled'] !== 0,
  createdAtSeconds: row['created_at_seconds'] as number, // a column that holds numbers
})

const textOrNull = (text: string | undefined): string | null =>
  text === undefined ? null : toText(text)

type Verbs = { [Verb in keyof UserStore]: (...args: Parameters<UserStore[Verb]>) => unknown }

/** What is done for a user store, within a transaction that somebody else opens. */
export const createSqliteUsers = (handle: SqliteHandle) =>
  ({
    insert: (user: User): boolean =>
      handle.run(
        `insert into users (${COLUMNS}) values (?, ?, ?, ?, ?, ?, ?, ?) on conflict do nothing`,
        toText(user.id),
        toText(user.email),
        toText(user.passwordHash),
        toText(user.subscription),
        toText(user.country),
        toText(user.platform),
        Number(user.isDisabled),
        user.createdAtSeconds,
      ) === 1,

    findByEmail: (email: string): User | undefined => {
      const row = handle.get(`select ${COLUMNS} from users where email = ?`, toText(email))
      return row && toUser(row)
    },

    findById: (id: string): User | undefined => {
      const row = handle.get(`select ${COLUMNS} from users where id = ?`, toText(id))
      return row && toUser(row)
    },

    update: (id: string, changes: UserChanges): User | undefined => {
      const [row] = handle.all(
        `update users set subscription = coalesce(?, subscription), country = coalesce(?, country),
          platform = coalesce(?, platform), is_disabled = coalesce(?, is_disabled)
        where id = ? returning ${COLUMNS}`,
        textOrNull(changes.subscription),
        textOrNull(changes.country),
        textOrNull(changes.platform),
        changes.isDisabled === undefined ? null : Number(changes.isDisabled),
        toText(id),
      )
      return row && toUser(row)
    },

    changePassword: (id: string, fromHash: string, toHash: string): boolean =>
      handle.run(
        'update users set password_hash = ? where id = ? and password_hash = ?',
        toText(toHash),
        toText(id),
        toText(fromHash),
      ) === 1,

    remove: (id: string): boolean => handle.run('delete from users where id = ?', toText(id)) === 1,

    list: (cursor: string | undefined, limit: number) => {
      if (!/^\d{1,15}$/.test(cursor ?? '0')) return undefined
      const rows = handle.all(
        `select number, ${COLUMNS} from users where number > ? order by number limit ?`,
        Number(cursor ?? '0'),
        limit + 1,
      )
      const page = rows.slice(0, limit)
      const next = rows.length > limit ? String(page.at(-1)?.['number']) : undefined
      return { users: page.map(toUser), next }
    },
  }) satisfies Verbs
