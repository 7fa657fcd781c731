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

  read: async (position = '0', limit) => {
    const found = await rows(
      `select seq, user_id, token_id, issued_until_ms, ends_seconds
      from passport_gateway.revocations where seq > $1 order by seq limit $2`,
      position,
      limit + 1,
    )
    const page = found.slice(0, limit)
    return {
      entries: page.map(toEntry),
      position: page.length > 0 ? String(page.at(-1)?.['seq']) : position,
      hasMore: found.length > limit,
    }
  },
})

const toEntry = (row: PostgresRow): LogEntry => {
  const userId = fromText(row['user_id'])
  const endsSeconds = Number(row['ends_seconds'])
  if (row['token_id'] !== null)
    return { userId, tokenId: fromText(row['token_id']), expSeconds: endsSeconds }
  const issuedUntilMs = Number(row['issued_until_ms']) // not null where there is no token
  return { userId, issuedUntilMs, keepUntilSeconds: endsSeconds }
}
