import type { LogEntry, RevocationLog } from '../revocation/revocation-log.js'
import { fromText, toText } from './held-text.js'
import type { PostgresRow, PostgresRunner } from './postgres-runner.js'

/**
 * The log in PostgreSQL. What adds is a function of the schema: it takes the lock of the one row that
 * counts before it looks at anything, and holds it until it has committed, so that entries become
 * visible in the order in which they are numbered.
 */
export const createPostgresRevocations = ({
  rows,
}: PostgresRunner): Omit<RevocationLog, 'listen'> => ({
  issueMs: async (userId) => {
    const [row] = await rows(
      `select greatest(passport_gateway.now_ms(),
        (select issued_until_ms + 1 from passport_gateway.revocations
          where user_id = $1 and token_id is null)) as ms`,
      toText(userId),
    )
    return Number(row?.['ms'])
  },

  addToken: async ({ tokenId, userId, issuedAtMs, expSeconds }) => {
    const [row] = await rows(
      'select passport_gateway.add_token($1, $2, $3, $4) as is_added',
      toText(tokenId),
      toText(userId),
      issuedAtMs,
      expSeconds,
    )
    return row?.['is_added'] === true
  },

  raiseUser: async (userId, issuedUntilMs, keepUntilSeconds) => {
    const [row] = await rows(
      'select passport_gateway.raise_user($1, $2, $3) as ms',
      toText(userId),
      issuedUntilMs,
      keepUntilSeconds,
    )
    return Number(row?.['ms'])
  },

  read: createRead(rows),
})

// Of microseconds. Clocks of two servers differ by less.
const OVERLAP = 60_000_000

/**
 * Where the position is behind the counter, a server took over, or a backup, that lacks the last
 * entries: then all is read. So that none is missed that it added before its counter had overtaken the
 * position, a read that follows a failure begins a minute earlier: to know an entry twice does no harm.
 */
const createRead = (rows: PostgresRunner['rows']): RevocationLog['read'] => {
  let overlap = 0
  return async (position = '0', limit) => {
    const asked = rows(READ, position, overlap, limit + 1)
    overlap = OVERLAP
    const found = await asked
    overlap = 0
    const [first] = found as [PostgresRow] // without entries too
    const page = found.filter((row) => row['seq'] !== null).slice(0, limit)
    return {
      entries: page.map(toEntry),
      position: (page.at(-1)?.['seq'] ?? first['from_seq']) as string, // a bigint of the driver
      hasMore: found.length > limit,
    }
  }
}

const READ = `select from_seq, entry.*
  from (select case when $1::bigint > seq then 0 else $1::bigint end as from_seq
    from passport_gateway.revocation_counter) as reader
  left join lateral (select seq, user_id, token_id, issued_until_ms, ends_seconds
    from passport_gateway.revocations where seq > from_seq - $2 order by seq limit $3) as entry on true
  order by entry.seq`

const toEntry = (row: PostgresRow): LogEntry => {
  const userId = fromText(row['user_id'])
  const endsSeconds = Number(row['ends_seconds'])
  if (row['token_id'] !== null)
    return { userId, tokenId: fromText(row['token_id']), expSeconds: endsSeconds }
  const issuedUntilMs = Number(row['issued_until_ms']) // not null where there is no token
  return { userId, issuedUntilMs, keepUntilSeconds: endsSeconds }
}
