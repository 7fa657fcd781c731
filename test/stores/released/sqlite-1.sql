-- store (sqlite)
create table users (
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
  create index revocation_end on revocations (ends_seconds);
pragma user_version = 1;
insert into users (id, email, password_hash, subscription, country, platform, is_disabled, created_at_seconds)
  values ('user_ada', 'ada@example.com', 'hash', 'pro', 'IN', 'android', 1, 1790000000);
update revocation_counter set seq = 1;
insert into revocations (seq, user_id, token_id, issued_until_ms, ends_seconds)
  values (1, 'user_ada', null, 1790000000000, 9e999);
