import { StoreError } from './engine.js'
import type { SqliteHandle } from './sqlite-handle.js'

// Moments are `real`, a double as in JavaScript: an integer beyond 2^53 is one that drivers refuse to
// read. Text is compared byte by byte: that is the collation where none is named.
const MIGRATIONS = [
  `create table users (
    number integer primary key autoincrement,
    id text not null unique,
    email text not null unique,
    password_hash text not null,
    subscription text not null,
    country text not null,
    platform text not null,
    is_disabled integer not null,
    created_at_seconds real not null
  );
  create table idempotency (
    key text not null primary key,
    claim_id text,
    fingerprint text not null,
    answer blob,
    expires_at_ms real not null
  );
  create index idempotency_expiry on idempotency (expires_at_ms);
  create table revocation_counter (seq integer not null);
  insert into revocation_counter values (0);
  create table revocations (
    seq integer not null primary key,
    user_id text not null,
    token_id text unique,
    issued_until_ms real,
    ends_seconds real not null
  );
  create unique index revoked_users on revocations (user_id) where token_id is null;
  create index revocation_end on revocations (ends_seconds);`,
  `create table throttle (
    key text not null primary key,
    attempts real not null,
    ends_at_ms real not null
  );
  create index throttle_end on throttle (ends_at_ms);`,
]

const SET_VERSION = `pragma user_version = ${MIGRATIONS.length};\n`

/** The SQL that `migrateSqlite` would run from a version on; empty where there is nothing to do. */
export const pendingSqlite = (version: number): string => {
  refuseNewer(version)
  const missing = MIGRATIONS.slice(version)
  return missing.length === 0 ? '' : [...missing, SET_VERSION].join('\n')
}

/** Of the schema; 0 where there is none. */
export const versionOf = (handle: SqliteHandle): number =>
  Number(handle.get('pragma user_version')?.['user_version'])

const refuseNewer = (version: number): void => {
  const known = MIGRATIONS.length
  if (version > known)
    throw new StoreError(
      `the store has a newer schema (${version}) than this version knows (${known})`,
      { isPassing: false },
    )
}

/** Brings the schema up to date in one transaction; of several processes one does, and the others wait. */
export const migrateSqlite = (handle: SqliteHandle): void => {
  handle.exec('begin immediate')
  try {
    const version = versionOf(handle)
    handle.exec(pendingSqlite(version))
    handle.exec('commit')
  } catch (error) {
    handle.exec('rollback')
    throw error
  }
}
