import type { User, UserStore } from '../users/user-store.js'
import { fromText, toText } from './held-text.js'
import type { PostgresRow, PostgresRunner } from './postgres-runner.js'

/** Users in PostgreSQL: a row for each, listed in the order of their numbers. */
export const createPostgresUsers = ({ rows, change }: PostgresRunner): UserStore => {
  const find = async (sql: string, text: string): Promise<User | undefined> => {
    const [row] = await rows(sql, toText(text))
    return row && toUser(row)
  }

  return {
    insert: async (user) =>
      (await change(
        `insert into passport_gateway.users (${COLUMNS}) values ($1, $2, $3, $4, $5, $6, $7, $8)
        on conflict do nothing`,
        toText(user.id),
        toText(user.email),
        toText(user.passwordHash),
        toText(user.subscription),
        toText(user.country),
        toText(user.platform),
        user.isDisabled,
        user.createdAtSeconds,
      )) === 1,

    findByEmail: (email) =>
      find(`select ${COLUMNS} from passport_gateway.users where email = $1`, email),
    findById: (id) => find(`select ${COLUMNS} from passport_gateway.users where id = $1`, id),

    update: async (id, { subscription, country, platform, isDisabled = null }) => {
      const [row] = await rows(
        `update passport_gateway.users set subscription = coalesce($1, subscription),
          country = coalesce($2, country), platform = coalesce($3, platform),
          is_disabled = coalesce($4, is_disabled)
        where id = $5 returning ${COLUMNS}`,
        textOrNull(subscription),
        textOrNull(country),
        textOrNull(platform),
        isDisabled,
        toText(id),
      )
      return row && toUser(row)
    },

    changePassword: async (id, fromHash, toHash) =>
      (await change(
        `update passport_gateway.users set password_hash = $1 where id = $2 and password_hash = $3`,
        toText(toHash),
        toText(id),
        toText(fromHash),
      )) === 1,

    remove: async (id) =>
      (await change('delete from passport_gateway.users where id = $1', toText(id))) === 1,

    list: async (cursor = '0', limit) => {
      if (!/^\d{1,15}$/.test(cursor)) return undefined
      const found = await rows(
        `select number, ${COLUMNS} from passport_gateway.users where number > $1
        order by number limit $2`,
        cursor,
        limit + 1,
      )
      const page = found.slice(0, limit)
      const next = found.length > limit ? String(page.at(-1)?.['number']) : undefined
      return { users: page.map(toUser), next }
    },
  }
}

const COLUMNS =
  'id, email, password_hash, subscription, country, platform, is_disabled, created_at_seconds'

const toUser = (row: PostgresRow): User => ({
  id: fromText(row['id']),
  email: fromText(row['email']),
  passwordHash: fromText(row['password_hash']),
  subscription: fromText(row['subscription']),
  country: fromText(row['country']),
  platform: fromText(row['platform']),
  isDisabled: row['is_disabled'] === true,
  createdAtSeconds: Number(row['created_at_seconds']),
})

const textOrNull = (text: string | undefined): string | null =>
  text === undefined ? null : toText(text)
