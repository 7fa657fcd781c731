import type { LogEntry, LogPage } from '../revocation/revocation-log.js'
import type { RevocableToken } from '../revocation/revocation-store.js'
import { fromText, toText } from './held-text.js'
import type { SqliteHandle, SqliteRow } from './sqlite-handle.js'

const SWEEP_ROWS = 4
// Longer than a token is accepted, should the clock be set back.
const GRACE_SECONDS = 300

const toEntry = (row: SqliteRow): LogEntry => {
  const userId = fromText(row['user_id'])
  const endsSeconds = row['ends_seconds'] as number // a column that holds numbers
  if (row['token_id'] !== null)
    return { userId, tokenId: fromText(row['token_id']), expSeconds: endsSeconds }
  const issuedUntilMs = row['issued_until_ms'] as number // not null where there is no token
  return { userId, issuedUntilMs, keepUntilSeconds: endsSeconds }
}

/**
 * What is done for the revocation log, within a transaction that somebody else opens. One process
 * writes at a time, so that the counter, which is raised in the transaction, is in the order of commits.
 * A number is the present in microseconds, and more than any before: whoever has read numbers that a
 * restored backup took away still sees all that is added later. Positions are of the file `fileId`.
 */
export const createSqliteRevocations = (
  handle: SqliteHandle,
  nowMs: () => number,
  fileId: string,
) => {
  const untilMs = (userId: string): number =>
    Number(
      handle.get(
        'select issued_until_ms from revocations where user_id = ? and token_id is null',
        toText(userId),
      )?.['issued_until_ms'] ?? -1,
    )

  const sweep = (): void => {
    handle.run(
      `delete from revocations where seq in (select seq from revocations
        where ends_seconds <= ? order by ends_seconds limit ?)`,
      nowMs() / 1000 - GRACE_SECONDS,
      SWEEP_ROWS,
    )
  }

  const nextSeq = (): void => {
    handle.run(
      'update revocation_counter set seq = max(seq + 1, cast(? as integer))',
      nowMs() * 1000,
    )
  }

  /** Behind which number to read on: 0 where the position is of another file, or its number was lost. */
  const seqAt = (position: string): number => {
    const end = position.lastIndexOf(' ')
    const seq = Number(position.slice(end + 1))
    const last = Number(handle.get('select seq from revocation_counter')?.['seq'])
    return position.slice(0, end) === fileId && seq <= last ? seq : 0
  }

  return {
    issueMs: (userId: string): number => Math.max(nowMs(), untilMs(userId) + 1),

    addToken: ({ tokenId, userId, issuedAtMs, expSeconds }: RevocableToken): boolean => {
      sweep()
      nextSeq()
      const added = handle.run(
        `insert into revocations (seq, user_id, token_id, ends_seconds)
          select seq, ?, ?, ? from revocation_counter where not exists (select 1 from revocations
            where user_id = ? and token_id is null and issued_until_ms >= ?)
        on conflict (token_id) do nothing`,
        toText(userId),
        toText(tokenId),
        expSeconds,
        toText(userId),
        issuedAtMs,
      )
      return added === 1
    },

    raiseUser: (userId: string, issuedUntilMs: number, keepUntilSeconds: number): number => {
      sweep()
      nextSeq()
      handle.run(
        `insert into revocations (seq, user_id, issued_until_ms, ends_seconds)
          select seq, ?, max(?, ?), ? from revocation_counter where true
        on conflict (user_id) where token_id is null do update set seq = excluded.seq,
          issued_until_ms = max(excluded.issued_until_ms, revocations.issued_until_ms + 1),
          ends_seconds = max(excluded.ends_seconds, revocations.ends_seconds)`,
        toText(userId),
        issuedUntilMs,
        nowMs(),
        keepUntilSeconds,
      )
      return untilMs(userId)
    },

    read: (position = '', limit: number): LogPage => {
      const seq = seqAt(position)
      const rows = handle.all(
        `select seq, user_id, token_id, issued_until_ms, ends_seconds from revocations
          where seq > ? order by seq limit ?`,
        seq,
        limit + 1,
      )
      const page = rows.slice(0, limit)
      return {
        entries: page.map(toEntry),
        position: `${fileId} ${(page.at(-1)?.['seq'] as number | undefined) ?? seq}`,
        hasMore: rows.length > limit,
      }
    },
  }
}
