import { StoreError } from './engine.js'
import type { PostgresClient } from './postgres-runner.js'

/** Where an added revocation is told. */
export const POSTGRES_NEWS = 'passport_gateway'

/**
 * Brings the schema up to date in one transaction; of many processes that start at once one does, and
 * the others wait. Where it is up to date already no right to change it is needed. Rejects with
 * `StoreError` where it is newer than this version knows.
 */
export const migratePostgres = async (client: PostgresClient): Promise<void> => {
  if ((await versionOf(client)) === KNOWN) return
  await client.query('begin')
  await client.query(LOCK)
  for (const migration of MIGRATIONS.slice(await versionOf(client))) await client.query(migration)
  await client.query(SET_VERSION)
  await client.query('commit')
}

/** The SQL that would do so, for a person to read or run: empty where there is nothing to do. */
export const pendingMigrations = async (client: PostgresClient): Promise<string> => {
  const pending = MIGRATIONS.slice(await versionOf(client))
  if (pending.length === 0) return ''
  return ['begin', LOCK, ...pending, SET_VERSION, 'commit'].map((sql) => `${sql};\n`).join('')
}

/**
 * 0 where there is no schema. The catalogue is asked as a table: `to_regclass` may answer from before
 * the lock, out of a cache.
 */
const versionOf = async (client: PostgresClient): Promise<number> => {
  const found = await client.query(
    `select exists (select from pg_class join pg_namespace on pg_namespace.oid = relnamespace
      where nspname = 'passport_gateway' and relname = 'schema_version') as is_there`,
  )
  if (found.rows[0]?.['is_there'] !== true) return 0
  const { rows } = await client.query('select version from passport_gateway.schema_version')
  const version = Number(rows[0]?.['version'])
  if (version <= KNOWN) return version
  throw new StoreError(
    `the store has a newer schema (${version}) than this version knows (${KNOWN})`,
    { isPassing: false },
  )
}

// Any number that no other program is likely to lock.
const LOCK = 'select pg_advisory_xact_lock(7061737370677721)'

const GRACE_SECONDS = 300
const SWEEP_ROWS = 4

const TABLES = `create schema passport_gateway;
create table passport_gateway.schema_version (version integer not null);
insert into passport_gateway.schema_version values (0);
create table passport_gateway.users (
  number bigint generated always as identity primary key,
  id text collate "C" not null unique,
  email text collate "C" not null unique,
  password_hash text collate "C" not null,
  subscription text not null,
  country text not null,
  platform text not null,
  is_disabled boolean not null,
  created_at_seconds double precision not null
);
create table passport_gateway.idempotency (
  key text collate "C" primary key,
  claim_id text collate "C",
  fingerprint text not null,
  answer bytea,
  expires_at_ms double precision not null
);
create index idempotency_expiry on passport_gateway.idempotency (expires_at_ms);
create table passport_gateway.revocation_counter (seq bigint not null);
insert into passport_gateway.revocation_counter values (0);
create table passport_gateway.revocations (
  seq bigint primary key,
  user_id text collate "C" not null,
  token_id text collate "C" unique,
  issued_until_ms double precision,
  ends_seconds double precision not null
);
create unique index revoked_users on passport_gateway.revocations (user_id)
  where token_id is null;
create index revocation_end on passport_gateway.revocations (ends_seconds);
create function passport_gateway.now_ms() returns double precision language sql volatile as $$
  select floor(extract(epoch from clock_timestamp()) * 1000)::double precision
$$`

// Between the conflict and the look at who holds the key it may be released: then it is claimed again.
const CLAIM_KEY = `create function passport_gateway.claim_key(
  the_key text, the_claim text, the_fingerprint text, ttl_ms double precision
) returns setof passport_gateway.idempotency language plpgsql volatile as $$
declare
  present_ms double precision;
begin
  loop
    present_ms := passport_gateway.now_ms();
    insert into passport_gateway.idempotency as held
      values (the_key, the_claim, the_fingerprint, null, present_ms + ttl_ms)
    on conflict (key) do update set claim_id = excluded.claim_id,
      fingerprint = excluded.fingerprint, answer = null, expires_at_ms = excluded.expires_at_ms
    where held.expires_at_ms <= present_ms;
    exit when found;
    return query select * from passport_gateway.idempotency where key = the_key;
    if found then return; end if;
  end loop;
  delete from passport_gateway.idempotency where key = any (array(
    select key from passport_gateway.idempotency
    where expires_at_ms <= present_ms and key <> the_key
    order by expires_at_ms limit ${SWEEP_ROWS} for update skip locked
  ));
end
$$`

// Each statement of a volatile function sees what was committed before it began, so those behind the
// lock of the counter see all that was added before. A number is PostgreSQL's own time in microseconds,
// and more than any before: numbers that a crash or a failover took away are not given again, and
// whoever read them still sees all that is added later.
const NEXT_SEQ = `create function passport_gateway.next_seq() returns bigint
language plpgsql volatile as $$
declare
  new_seq bigint;
  past_seconds double precision;
begin
  update passport_gateway.revocation_counter
    set seq = greatest(seq + 1, floor(extract(epoch from clock_timestamp()) * 1000000)::bigint)
    returning seq into strict new_seq;
  past_seconds := passport_gateway.now_ms() / 1000 - ${GRACE_SECONDS};
  delete from passport_gateway.revocations where seq = any (array(
    select seq from passport_gateway.revocations
    where ends_seconds <= past_seconds
    order by ends_seconds limit ${SWEEP_ROWS}
  ));
  perform pg_notify('${POSTGRES_NEWS}', '');
  return new_seq;
end
$$`

const ADD_TOKEN = `create function passport_gateway.add_token(
  the_token text, the_user text, issued_at_ms double precision, exp_seconds double precision
) returns boolean language plpgsql volatile as $$
declare
  new_seq bigint := passport_gateway.next_seq();
begin
  insert into passport_gateway.revocations (seq, user_id, token_id, ends_seconds)
    select new_seq, the_user, the_token, exp_seconds
    where not exists (select from passport_gateway.revocations
      where user_id = the_user and token_id is null and issued_until_ms >= issued_at_ms)
  on conflict (token_id) do nothing;
  return found;
end
$$`

const RAISE_USER = `create function passport_gateway.raise_user(
  the_user text, until_ms double precision, keep_until_seconds double precision
) returns double precision language plpgsql volatile as $$
declare
  new_seq bigint := passport_gateway.next_seq();
  raised_ms double precision;
begin
  insert into passport_gateway.revocations as held
      (seq, user_id, issued_until_ms, ends_seconds)
    values (new_seq, the_user, greatest(until_ms, passport_gateway.now_ms()), keep_until_seconds)
  on conflict (user_id) where token_id is null do update set seq = excluded.seq,
    issued_until_ms = greatest(excluded.issued_until_ms, held.issued_until_ms + 1),
    ends_seconds = greatest(excluded.ends_seconds, held.ends_seconds)
  returning issued_until_ms into strict raised_ms;
  return raised_ms;
end
$$`

// Without a log: what a crash of the server takes away is the attempts of a minute. A window that ends
// much later than a new one would was begun by a clock that has been set back; a little later, by who
// came first while this one waited for the row.
const WAIT_MS = 60_000
const THROTTLE = `create unlogged table passport_gateway.throttle (
  key text collate "C" primary key,
  attempts double precision not null,
  ends_at_ms double precision not null
);
create index throttle_end on passport_gateway.throttle (ends_at_ms)`

const COUNT_ATTEMPT = `create function passport_gateway.count_attempt(
  the_key text, window_ms double precision
) returns table (counted double precision, reset_ms double precision)
language plpgsql volatile as $$
declare
  present_ms double precision := passport_gateway.now_ms();
  latest_ms double precision := present_ms + window_ms + ${WAIT_MS};
begin
  return query insert into passport_gateway.throttle as held
    values (the_key, 1, present_ms + window_ms)
  on conflict (key) do update set
    attempts = case when held.ends_at_ms > present_ms and held.ends_at_ms <= latest_ms
      then held.attempts + 1 else 1 end,
    ends_at_ms = case when held.ends_at_ms > present_ms and held.ends_at_ms <= latest_ms
      then held.ends_at_ms else excluded.ends_at_ms end
  returning held.attempts, least(held.ends_at_ms - present_ms, window_ms);
  delete from passport_gateway.throttle where key = any (array(
    select key from passport_gateway.throttle
    where ends_at_ms <= present_ms order by ends_at_ms limit ${SWEEP_ROWS} for update skip locked
  ));
end
$$`

/** What brings the schema from each version to the next. */
const MIGRATIONS: readonly string[] = [
  [TABLES, CLAIM_KEY, NEXT_SEQ, ADD_TOKEN, RAISE_USER].join(';\n'),
  [THROTTLE, COUNT_ATTEMPT].join(';\n'),
]
const KNOWN = MIGRATIONS.length
const SET_VERSION = `update passport_gateway.schema_version set version = ${KNOWN}`
